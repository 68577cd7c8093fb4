extension IPAddress {
    /// What an address is counted by: an IPv6 client has a whole /64 to itself.
    ///
    /// What is no address is itself.
    static func network(of text: String) -> String {
        guard let parsed = IPAddress(text) else { return text }
        guard parsed.bytes.count == 16 else { return parsed.description }
        return parsed.bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
}
