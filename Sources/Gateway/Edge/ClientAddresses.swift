/// Tells a client's true address: the socket's, or what a trusted proxy says.
struct ClientAddresses: Sendable {
    let trusted: [AddressRange]

    /// `X-Forwarded-For` counts only when the peer is trusted, and then from the right: the first address that is no trusted proxy.
    func address(peer: String, fields: [(name: String, value: String)]) -> String {
        guard isTrusted(peer) else { return peer }
        let hops = fields.lazy.filter { $0.name == "x-forwarded-for" }.flatMap { $0.value.utf8.split(separator: UInt8(ascii: ",")) }
        for hop in Array(hops).reversed() {
            guard let address = IPAddress(hop: String(decoding: hop.filter { !$0.isSpaceOrTab }, as: UTF8.self)) else { return peer }
            if !trusted.contains(where: { $0.contains(address) }) { return address.description }
        }
        return peer
    }

    /// Whether this socket's address is a configured proxy's.
    func isTrusted(_ text: String) -> Bool {
        guard !trusted.isEmpty else { return false }
        guard let address = IPAddress(text) else { return false }
        return trusted.contains { $0.contains(address) }
    }
}
