import DialectEngine
import Identity
import NIOHTTP1

/// A request's head that passed what HTTP/1.1 and the gateway's strictness ask of it.
struct CheckedHead: Sendable {
    /// Without its body.
    var request: WireRequest
    var host: HostName?
    /// The declared length of the body; nil when it is chunked or there is none.
    var contentLength: Int?
    var isChunked: Bool
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
    /// Whether the connection may serve another request.
    var keepsAlive: Bool

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Methods that any API may have; others are refused before a route is looked for.
    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// Checks a head that the parser let through.
    ///
    /// `address` is the client's own.
    init(_ head: HTTPRequestHead, limits: EdgeLimits, address: String) throws(EdgeFault) {
        let fields = head.headers
        guard head.version == .http1_1 || head.version == .http1_0, fields.count <= limits.fields else { throw .malformed }
        // Never repaired, not even for a refusal: CONNECT and absolute-form name another server.
        guard let target = RequestTarget(head.uri, limit: limits.targetBytes) else { throw .malformed }
        host = try Self.host(fields, version: head.version)
        (contentLength, isChunked) = try Self.framing(fields, version: head.version)
        guard Self.methods.contains(head.method.rawValue) else { throw .method }
        expectsContinue = try Self.expectation(fields, version: head.version)
        keepsAlive = head.version == .http1_1 && !Self.asksToClose(fields)
        request = WireRequest(
            method: head.method.rawValue, path: target.path, query: target.query,
            headers: fields.map { (name: $0.name.loweringASCII(), value: $0.value) }, address: address)
    }

    /// RFC 9112 section 3.2; only HTTP/1.0 may leave the field out.
    private static func host(_ fields: HTTPHeaders, version: HTTPVersion) throws(EdgeFault) -> HostName? {
        let values = fields["host"]
        if values.isEmpty, version == .http1_0 { return nil }
        guard values.count == 1, let host = HostName(values[0]) else { throw .malformed }
        return host
    }

    /// RFC 9112 sections 6.1 to 6.3; what the parser refuses already is asked again, as two readings of one message are the danger here.
    private static func framing(_ fields: HTTPHeaders, version: HTTPVersion) throws(EdgeFault) -> (length: Int?, isChunked: Bool) {
        let codings = fields["transfer-encoding"]
        let lengths = fields["content-length"]
        if !codings.isEmpty {
            guard version == .http1_1, codings.count == 1, codings[0].loweringASCII() == "chunked", lengths.isEmpty else {
                throw .malformed
            }
            return (nil, true)
        }
        guard !lengths.isEmpty else { return (nil, false) }
        guard lengths.count == 1, !lengths[0].isEmpty, lengths[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(lengths[0])
        else { throw .malformed }
        return (length, false)
    }

    /// RFC 9110 section 10.1.1; an HTTP/1.0 client never waits.
    private static func expectation(_ fields: HTTPHeaders, version: HTTPVersion) throws(EdgeFault) -> Bool {
        let values = fields["expect"]
        guard !values.isEmpty else { return false }
        guard values.count == 1, values[0].loweringASCII() == "100-continue" else { throw .expectation }
        return version == .http1_1
    }

    private static func asksToClose(_ fields: HTTPHeaders) -> Bool {
        fields[canonicalForm: "connection"].contains { $0.utf8.count == 5 && String($0).loweringASCII() == "close" }
    }
}
