/// Through whom a request came: what the forwarding fields tell an upstream.
struct ForwardedBy: Sendable, Hashable {
    /// The address of the client's socket.
    var peer: String
    /// The peer is a configured proxy, so what it says of those before it is believed.
    var isTrusted: Bool
    /// `http`, or `https` behind TLS.
    var scheme: String
    /// The port that the client's connection came to.
    var port: Int
    /// The frontend's prefix, which the forwarded path no longer has; may be empty.
    var prefix: String

    init(peer: String, isTrusted: Bool = false, scheme: String = "http", port: Int, prefix: String = "") {
        self.peer = peer
        self.isTrusted = isTrusted
        self.scheme = scheme
        self.port = port
        self.prefix = prefix
    }
}
