/// `127.0.0.1:3000`: where a listener stands.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; IPv6 without its brackets.
    package var host: String
    /// 0 lets the system choose, for tests.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil when the text is no `host:port`.
    package init?(_ text: String) {
        guard let name = HostName(text), let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
        else { return nil }
        let isBracketed = name.name.hasPrefix("[")
        host = isBracketed ? String(name.name.dropFirst().dropLast()) : name.name
        guard isBracketed || host.utf8.count == text.utf8.distance(from: text.startIndex, to: colon) else { return nil }
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Only this machine can reach it.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// How a browser on this machine would call it.
    var url: String {
        let isEverywhere = host == "0.0.0.0" || host == "::"
        let shown = isEverywhere ? ListenAddress(host: "localhost", port: port) : self
        return port == 80 ? "http://\(shown.description.dropLast(3))" : "http://\(shown)"
    }
}
