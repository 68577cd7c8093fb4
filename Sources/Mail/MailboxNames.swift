import Synchronization

/// Names the mails of a mailbox: `19700101T000030Z-000002-ID.eml`, the second that was written of those with this time.
///
/// A mail that is sent again keeps its name, also after a restart: what the folder holds is read before the first name is given. For
/// development, so every name given is remembered.
final class MailboxNames: Sendable {
    private struct Given {
        /// The order of each mail by its id, among those of its time.
        var orders: [String: Int] = [:]
        /// The last order by time.
        var last: [String: Int] = [:]

        mutating func add(_ order: Int, time: String, id: String) {
            orders[id] = order
            last[time] = max(last[time] ?? 0, order)
        }
    }

    private let folder: MailboxFolder
    private let given = Mutex<Given?>(nil)

    init(_ folder: MailboxFolder) { self.folder = folder }

    /// The name for a mail.
    ///
    /// - Throws: ``MailFault/unreachable(_:)`` when the folder cannot be read.
    func name(for message: MailMessage) throws(MailFault) -> String {
        let time = MailDate.stamp(message.sentAt)
        let order = try given.withLock { kept throws(MailFault) in
            var given = if let kept { kept } else { try read() }
            let order = given.orders[message.id] ?? (given.last[time] ?? 0) + 1
            given.add(order, time: time, id: message.id)
            kept = given
            return order
        }
        let digits = String(order)
        return "\(time)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)-\(message.id).eml"
    }

    private func read() throws(MailFault) -> Given {
        var given = Given()
        for name in try folder.names() {
            let parts = name.dropLast(".eml".count).split(separator: "-", maxSplits: 2)
            guard parts.count == 3, let order = Int(parts[1]) else { continue }
            given.add(order, time: String(parts[0]), id: String(parts[2]))
        }
        return given
    }
}
