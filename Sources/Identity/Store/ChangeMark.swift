import Synchronization

/// Numbers the changes of the store, so that what was read can be kept until what it rests on has changed.
///
/// Every change has a number; for each account the number of its last change is known. What was read of an account while the count stood
/// at `n` is good as long as the account's last change is no later than `n`. Accounts share slots, so a memory may be dropped for
/// another's sake and is never kept wrongly.
///
/// Where other processes write too, what they changed has to be told here. Then it is trusted for a while each time they were heard, and
/// nothing that is remembered stands without that: whoever is deaf asks the store.
package final class ChangeMark: Sendable {
    private static let slotCount = 1024

    private final class Slot: Sendable {
        let last = Atomic<UInt64>(0)
    }

    private let count = Atomic<UInt64>(0)
    private let everything = Slot()
    private let slots = (0..<ChangeMark.slotCount).map { _ in Slot() }

    private let trustedUntil = Atomic<Int64>(0)
    private let uptime: (@Sendable () -> Duration)?

    /// With a clock that never goes back it has to be trusted again and again (`trust(until:)`); without, it always is.
    package init(uptime: (@Sendable () -> Duration)? = nil) { self.uptime = uptime }

    /// Every change that was committed before is told: what is remembered counts until then.
    package func trust(until end: Duration) { trustedUntil.store(end.wholeMicroseconds, ordering: .releasing) }

    /// Whether what is remembered counts now.
    package var isTrusted: Bool {
        guard let uptime else { return true }
        return uptime().wholeMicroseconds < trustedUntil.load(ordering: .acquiring)
    }

    /// To be taken before the store is read.
    package var current: UInt64 { count.load(ordering: .acquiring) }

    /// Whether nothing of this account has changed since the count stood at `mark`.
    package func stands(_ account: AccountID, since mark: UInt64) -> Bool {
        // The trust is asked first: what was told before it was given has moved the slots already.
        isTrusted && slot(of: account).last.load(ordering: .acquiring) <= mark && everything.last.load(ordering: .acquiring) <= mark
    }

    /// These accounts have changed: to be told when the change is committed, before it is answered.
    package func move(_ accounts: some Sequence<AccountID>) {
        for account in accounts { move(slot(of: account)) }
    }

    /// Anything may have changed.
    package func moveAll() { move(everything) }

    private func move(_ slot: Slot) {
        let number = count.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        slot.last.max(number, ordering: .acquiringAndReleasing)
    }

    private func slot(of account: AccountID) -> Slot {
        slots[Int(account.low % UInt64(Self.slotCount))]
    }
}
