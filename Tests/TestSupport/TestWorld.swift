package import Identity
import Synchronization

/// A clock that is moved by hand.
package final class TestClock: Sendable {
    private let moment: Mutex<Instant>

    /// Starts on 2026-01-01T10:00:00Z.
    package init(_ start: Instant = Instant(seconds: 1_767_261_600)) {
        moment = Mutex(start)
    }

    package var now: Instant { moment.withLock { $0 } }

    package func advance(_ span: Duration) {
        moment.withLock { $0 = $0 + span }
    }
}

/// Bytes that look random and are the same in every run (SplitMix64).
package final class CountedRandomness: Sendable {
    private let state: Mutex<UInt64>

    package init(seed: UInt64 = 1) {
        state = Mutex(seed)
    }

    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: mixed ^ mixed >> 31)
            }
        }
    }
}

/// A mail of the outbox, as far as tests read it.
package struct TestMail: Sendable, Hashable {
    package var kind: NoticeKind
    package var recipient: String
    package var code: String?
    package var link: String?
    package var lifetime: Duration?
    package var shownEmail: String
}

/// Everything that happened beside the answers.
package final class TestEvents: Sendable {
    private let kept = Mutex<[IdentityEvent]>([])

    package init() {}
    package func add(_ event: IdentityEvent) { kept.withLock { $0.append(event) } }
    package var all: [IdentityEvent] { kept.withLock { $0 } }
}
