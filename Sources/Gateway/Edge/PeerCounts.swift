import Synchronization

/// How many connections each client address holds, so that one client cannot take them all.
///
/// Proxies that are trusted, and this machine itself, speak for many and are not counted.
final class PeerCounts: Sendable {
    private let limit: Int
    private let clients: ClientAddresses
    private let counts = Mutex<[String: Int]>([:])

    /// `limit` for each address; an IPv6 client has a whole /64 to itself, which counts as one.
    init(limit: Int, clients: ClientAddresses) {
        self.limit = limit
        self.clients = clients
    }

    /// The name under which a connection is counted; nil when it may not come in.
    func admit(_ peer: String) -> String? {
        guard let address = IPAddress(peer), !address.isLoopback, !clients.isTrusted(peer) else { return "" }
        let name = IPAddress.network(of: peer)
        let isAdmitted = counts.withLock { counts in
            guard counts[name, default: 0] < limit else { return false }
            counts[name, default: 0] += 1
            return true
        }
        return isAdmitted ? name : nil
    }

    func left(_ name: String) {
        guard !name.isEmpty else { return }
        counts.withLock { counts in
            guard let count = counts[name] else { return }
            counts[name] = count > 1 ? count - 1 : nil
        }
    }
}
