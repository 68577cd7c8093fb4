import Synchronization

/// Cuts a wait short.
///
/// A wake that comes while nobody waits is kept for the next wait; several count as one.
final class WakeSignal: Sendable {
    private struct State {
        var isPending = false
        var isStopped = false
        var sleeper: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether ``stop()`` was called.
    var isStopped: Bool {
        state.withLock(\.isStopped)
    }

    /// Ends the current wait, or the next one.
    func wake() {
        state.withLock { state in
            state.isPending = true
            state.sleeper?.cancel()
        }
    }

    /// Ends the current wait and every later one.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.sleeper?.cancel()
        }
    }

    /// Runs `sleep`, which honours cancellation, until it ends or someone wakes this.
    func wait(_ sleep: @escaping @Sendable () async -> Void) async {
        let sleeper = state.withLock { state -> Task<Void, Never>? in
            guard !state.isPending, !state.isStopped else { return nil }
            let sleeper = Task { await sleep() }
            state.sleeper = sleeper
            return sleeper
        }
        await sleeper?.value
        state.withLock { state in
            state.isPending = false
            state.sleeper = nil
        }
    }
}
