import Dispatch
import Foundation
import Identity
import Synchronization

/// Asks again and again, on a connection and a thread of its own, which accounts other instances have changed.
///
/// Transactions do not commit in the order of their numbers, so no number is a place to go on from. A snapshot is: it says which
/// transactions had ended, and the next question is for the changes of those that had not. Nothing is missed and nothing is told twice.
/// With a new connection, perhaps to another server, it begins anew and says that anything may have changed; so it does when it has not
/// asked for so long (a machine that slept, a process that was stopped) that what it missed may be pruned, and when transactions are
/// counted from further back than before, which is another server behind the same connection.
///
/// It asks every 50 ms instead of waiting for NOTIFY, whose senders would commit one after the other, and which some poolers lose: the
/// question is one look at the end of an index.
final class PostgresFeed: ChangeFeed {
    private static let pause = 50
    /// How long one answer may take; nobody trusts an older one.
    private static let patience: Duration = .seconds(1)
    /// In seconds: far less than `Retention.changes`.
    private static let longestSilence: Int64 = 60
    private static let greeting: Duration = .milliseconds(1500)
    private static let opening = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
    private let address: PostgresAddress
    private let uptime: @Sendable () -> Duration
    private let tell: @Sendable (ChangeNews) -> Void
    private let isStopped = Atomic<Bool>(false)
    private let bell = DispatchSemaphore(value: 0)

    init(_ address: PostgresAddress, uptime: @escaping @Sendable () -> Duration, _ tell: @escaping @Sendable (ChangeNews) -> Void) {
        (self.address, self.uptime, self.tell) = (address, uptime, tell)
        let thread = Thread { [self] in run() }
        thread.name = "store-feed"
        thread.start()
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        bell.signal()
    }

    private var goesOn: Bool { !isStopped.load(ordering: .acquiring) }

    private func rest(_ milliseconds: Int) { _ = bell.wait(timeout: .now() + .milliseconds(milliseconds)) }

    private func run() {
        while goesOn {
            do {
                try follow(on: try PostgresConnection.open(address, within: min(Self.greeting, address.patience)))
            } catch let refusal as PostgresRefusal {
                tell(.silence(StoreError(refusal)))
            } catch {
                tell(.silence(error as? StoreError ?? .unavailable("the connection to the database was lost")))
            }
            if goesOn { rest(4 * Self.pause) }
        }
    }

    private func follow(on connection: PostgresConnection) throws {
        var heard = try Self.ask(connection, "SELECT \(Self.moment), CAST(NULL AS BYTEA)", [])
        var isNew = true
        while goesOn {
            let moment = uptime()
            let news = try Self.ask(
                connection,
                """
                SELECT \(Self.moment), changes.account FROM (SELECT 1) AS one LEFT JOIN changes
                ON txid >= txid_snapshot_xmin(CAST(?1 AS txid_snapshot))
                AND NOT txid_visible_in_snapshot(txid, CAST(?1 AS txid_snapshot))
                """, [.text(heard.snapshot)])
            guard news.next >= heard.next, news.seconds - heard.seconds < Self.longestSilence else { return }
            heard = news
            tell(isNew ? .everything(asOf: moment) : .accounts(news.accounts, asOf: moment))
            isNew = false
            rest(Self.pause)
        }
    }

    /// What one question brought.
    private struct Heard {
        var snapshot = ""
        /// The number of the server's next transaction.
        var next: Int64 = 0
        /// By the server's clock, which runs on while this process is stopped.
        var seconds: Int64 = 0
        var accounts: [AccountID] = []
    }

    private static let moment = """
        CAST(txid_current_snapshot() AS TEXT), txid_snapshot_xmax(txid_current_snapshot()),
        CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)
        """

    private static func ask(_ connection: PostgresConnection, _ sql: String, _ values: [SQLValue]) throws -> Heard {
        connection.begin(opening, PostgresTerms(deadline: .now + patience))
        defer { connection.leave() }
        var heard = Heard()
        for var row in try connection.query(sql, values) {
            heard.snapshot = try row.text()
            heard.next = try row.integer()
            heard.seconds = try row.integer()
            if let account = try row.accountIDIfPresent() { heard.accounts.append(account) }
        }
        return heard
    }
}
