import NIOHTTP1

/// Tells a client's true address: the socket's, or what a trusted proxy says.
struct ClientAddresses: Sendable {
    let trusted: [AddressRange]

    /// `X-Forwarded-For` counts only when the peer is trusted, and then from the right: the first address that is no trusted proxy.
    func address(peer: String, headers: HTTPHeaders) -> String {
        guard !trusted.isEmpty, isTrusted(peer) else { return peer }
        let hops = headers[canonicalForm: "x-forwarded-for"].reversed()
        for hop in hops {
            guard let address = IPAddress(String(hop)) else { return peer }
            if !trusted.contains(where: { $0.contains(address) }) { return address.description }
        }
        return peer
    }

    private func isTrusted(_ text: String) -> Bool {
        guard let address = IPAddress(text) else { return false }
        return trusted.contains { $0.contains(address) }
    }
}
