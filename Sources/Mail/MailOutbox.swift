/// The stored queue of mails, as a worker sees it.
///
/// Rows are put there by whoever causes a mail, in the transaction of the cause. Times are microseconds since 1970. A row is waiting, sent or
/// failed; the last two are final.
package protocol MailOutbox: Sendable {
    /// Takes the waiting row that has been due the longest at `now` (then by `createdAt`), and makes it due again only at `until`.
    ///
    /// One conditional statement: two workers, on one instance or two, never get the same row before `until`. A row whose worker died comes back
    /// at `until` with its attempts unchanged. Expired rows are returned like others. Nil when nothing is due.
    func claim(now: Int64, until: Int64) async throws -> OutboxRow?

    /// Marks the row as sent at `now`. Repeating it changes nothing.
    func sent(_ id: String, now: Int64) async throws

    /// Makes the row due at `until`, after a try that met `reason`; counts the try.
    func postpone(_ id: String, until: Int64, reason: String) async throws

    /// Marks the row as failed at `now` for `reason`, and counts the try; it stays visible. Repeating it changes nothing.
    func fail(_ id: String, reason: String, now: Int64) async throws
}
