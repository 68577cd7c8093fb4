import Mail
import Synchronization

/// A transport that holds some mails until it is opened, and takes the others at once, as well as one that it holds already.
final class HoldingTransport: MailTransport {
    private struct State {
        var held: [String: CheckedContinuation<Void, Never>] = [:]
        var taken: [String] = []
        var isOpen = false
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let isHeld: @Sendable (MailMessage) -> Bool
    private let state = Mutex(State())

    init(_ isHeld: @escaping @Sendable (MailMessage) -> Bool) {
        self.isHeld = isHeld
    }

    /// The mails that wait here.
    var held: [String] { state.withLock { Array($0.held.keys) } }

    /// The mails that came, as often as they did.
    var taken: [String] { state.withLock(\.taken) }

    /// Returns once so many mails wait here.
    func holds(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiter = (count, continuation) }
            release()
        }
    }

    /// Lets all mails go, from now on.
    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [:] }
            return Array(state.held.values)
        }
        for continuation in held { continuation.resume() }
    }

    func send(_ message: MailMessage) async throws(MailFault) {
        state.withLock { $0.taken.append(message.id) }
        guard isHeld(message) else { return }
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                let passes = state.isOpen || state.held[message.id] != nil
                if !passes { state.held[message.id] = continuation }
                return passes
            }
            if passes { continuation.resume() }
            release()
        }
    }

    private func release() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter, state.held.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }
}
