import Identity
import Synchronization

/// How many connections each client address holds, so that few clients cannot take them all: none has more than are still free.
///
/// Proxies that are trusted, and this machine itself, speak for many and may have all that are free.
final class PeerCounts: Sendable {
    private let clients: ClientAddresses
    private let shares: Mutex<FairShares>

    /// `connections`: of all addresses together; an IPv6 client has a whole /64 to itself, which counts as one address.
    init(connections: Int, clients: ClientAddresses) {
        self.clients = clients
        shares = Mutex(FairShares(limit: connections))
    }

    /// The name under which a connection is counted; nil when it may not come in.
    func admit(_ peer: String) -> String? {
        let speaksForMany = IPAddress(peer)?.isLoopback ?? true || clients.isTrusted(peer)
        let name = speaksForMany ? "" : IPAddress.network(of: peer)
        return shares.withLock { $0.take(for: name) } ? name : nil
    }

    func left(_ name: String) { shares.withLock { $0.give(from: name) } }
}
