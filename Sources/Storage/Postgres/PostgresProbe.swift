import Foundation
import Identity
import Synchronization

/// Finds out whether a server that lets somebody wait has stopped altogether, and tells those who use it.
///
/// A slow statement, a row that somebody has locked and a server that hangs look the same on one connection; a new one tells them apart.
final class PostgresProbe: Sendable {
    /// What one of those who use a server has found out for all.
    enum Finding: Sendable {
        case silence(StoreError)
        /// It lets us in again.
        case life
    }

    private struct State {
        var isUnderWay = false
        var answeredAt: ContinuousClock.Instant?
        var listeners: [@Sendable (Finding) -> Void] = []
        /// Sessions that nobody waits for any more.
        var abandoned: [Int32] = []
    }

    /// How long a server that lives takes to let us in.
    private static let patience: Duration = .milliseconds(700)
    private static let pause: Duration = .milliseconds(300)
    private static let mostAbandoned = 64
    private let address: PostgresAddress
    private let state = Mutex(State())

    init(_ address: PostgresAddress) { self.address = address }

    /// The listener is called from threads of ours.
    func listen(_ listener: @escaping @Sendable (Finding) -> Void) { state.withLock { $0.listeners.append(listener) } }

    func tell(_ finding: Finding) {
        for listener in state.withLock(\.listeners) { listener(finding) }
    }

    /// Returns at once; asks nothing while a question is under way or was answered just now.
    func doubt() {
        let isDue = state.withLock { state in
            guard !state.isUnderWay, state.answeredAt.map({ .now - $0 > Self.pause }) ?? true else { return false }
            state.isUnderWay = true
            return true
        }
        if isDue { begin() }
    }

    /// Sees to it that a session that we closed without an answer ends on the server, too; returns at once.
    ///
    /// One that waits for a synchronous standby would not notice, and each further attempt would cost the server one more.
    func abandon(_ session: Int32) {
        let isDue = state.withLock { state in
            if state.abandoned.count < Self.mostAbandoned { state.abandoned.append(session) }
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if isDue { begin() }
    }

    /// Of ours, and at work for longer than anybody waits: a number may have been given anew.
    func endAbandoned(on connection: PostgresConnection) {
        let sessions = state.withLock { state in
            defer { state.abandoned.removeAll() }
            return state.abandoned
        }
        guard !sessions.isEmpty else { return }
        connection.begin("BEGIN", PostgresTerms(deadline: .now + Self.patience))
        defer { connection.leave() }
        // Where it fails the server's own limits remain.
        _ = try? connection.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN (\(sessions.map(String.init).joined(separator: ", ")))
            AND usename = current_user AND application_name = current_setting('application_name') AND state <> 'idle'
            AND state_change < clock_timestamp() - INTERVAL '1 second'
            """, [])
    }

    private func begin() {
        let thread = Thread { [self] in ask() }
        thread.name = "store-probe"
        thread.start()
    }

    private func ask() {
        var silence: PostgresRefusal?
        do {
            endAbandoned(on: try PostgresConnection.open(address, within: Self.patience, onlyFavourite: true))
        } catch {
            // Whoever refuses us has answered.
            silence = error.isSilence ? error : nil
        }
        state.withLock { state in
            state.isUnderWay = false
            state.answeredAt = silence == nil ? .now : nil
        }
        if let silence { tell(.silence(StoreError(silence))) }
    }
}
