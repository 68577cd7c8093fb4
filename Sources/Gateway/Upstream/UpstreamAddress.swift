/// Where one server of an upstream listens.
package struct UpstreamAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; IPv6 without its brackets.
    package let host: String
    /// 1 to 65535: what is out of that range never becomes an address.
    package let port: UInt16

    /// Nil for a port that is none.
    package init?(host: String, port: Int) {
        guard !host.isEmpty, let port = UInt16(exactly: port), port > 0 else { return nil }
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// As a `Host` field names it.
    var authority: String { port == 80 ? String(description.dropLast(3)) : description }
}
