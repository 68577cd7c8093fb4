import Mail
import Synchronization

/// An outbox in memory that keeps the promises of the protocol, and can be told to fail.
final class MemoryOutbox: MailOutbox {
    struct Unavailable: Error {}

    enum Status: Equatable {
        case waiting
        case sent(at: Int64)
        case failed(String)
    }

    struct Entry {
        var row: OutboxRow
        var dueAt: Int64
        var status = Status.waiting
        var reason: String?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var failures = 0
        var waiters: [(id: String?, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func put(_ message: MailMessage, createdAt: Int64, expiresAt: Int64? = nil) {
        put(OutboxRow(id: message.id, attempts: 0, createdAt: createdAt, expiresAt: expiresAt, payload: message.encoded()))
    }

    func put(_ row: OutboxRow) {
        state.withLock { $0.entries[row.id] = Entry(row: row, dueAt: row.createdAt) }
    }

    /// Lets the next `count` calls fail.
    func breakDown(calls count: Int) {
        state.withLock { $0.failures = count }
    }

    var entries: [String: Entry] { state.withLock(\.entries) }

    subscript(_ id: String) -> Entry? { entries[id] }

    /// Returns once no row is waiting, or the one with this id is not.
    func settled(_ id: String? = nil) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append((id, continuation)) }
            release()
        }
    }

    func claim(now: Int64, until: Int64) async throws -> OutboxRow? {
        try change { state in
            let due = state.entries.values.filter { $0.status == .waiting && $0.dueAt <= now }
            let first = due.min { ($0.dueAt, $0.row.createdAt, $0.row.id) < ($1.dueAt, $1.row.createdAt, $1.row.id) }
            guard let first else { return nil }
            state.entries[first.row.id]?.dueAt = until
            return first.row
        }
    }

    func sent(_ id: String, now: Int64) async throws {
        try change { $0.entries[id]?.status = .sent(at: now) }
    }

    func postpone(_ id: String, until: Int64, reason: String) async throws {
        try change { state in
            guard let old = state.entries[id] else { return }
            let row = OutboxRow(
                id: id, attempts: old.row.attempts + 1, createdAt: old.row.createdAt, expiresAt: old.row.expiresAt, payload: old.row.payload
            )
            state.entries[id] = Entry(row: row, dueAt: until, reason: reason)
        }
    }

    func fail(_ id: String, reason: String, now: Int64) async throws {
        try change { $0.entries[id]?.status = .failed(reason) }
    }

    private func change<Result>(_ body: (inout State) -> Result) throws -> Result {
        defer { release() }
        return try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Unavailable()
            }
            return body(&state)
        }
    }

    private func release() {
        let settled = state.withLock { state in
            let waiting = state.entries.values.filter { $0.status == .waiting }.map(\.row.id)
            let isSettled = { (id: String?) in id.map { !waiting.contains($0) } ?? waiting.isEmpty }
            defer { state.waiters.removeAll { isSettled($0.id) } }
            return state.waiters.filter { isSettled($0.id) }.map(\.continuation)
        }
        for continuation in settled { continuation.resume() }
    }
}
