import DialectEngine
import Identity

/// A request's head that passed what HTTP/1.1 and the gateway's strictness ask of it.
struct CheckedHead: Sendable {
    /// Without its body.
    var wire: WireRequest
    /// Nil when an HTTP/1.0 client named none.
    var host: HostName?
    /// Never `untilClose`: a request says how long it is.
    var framing: BodyFraming
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
    /// Whether the connection may serve another request.
    var keepsAlive: Bool
    var isHTTP10: Bool

    var hasBody: Bool {
        switch framing {
        case .none, .length(0): false
        case .length, .chunked, .untilClose: true
        }
    }

    /// Methods that any API may have; others are refused before a route is looked for.
    static let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]

    /// Checks a head whose syntax is sound.
    ///
    /// `address` is the client's own.
    init(_ raw: RawHead, limits: EdgeLimits, address: String) throws(EdgeFault) {
        // Never repaired, not even for a refusal: CONNECT and absolute-form name another server.
        guard let target = RequestTarget(raw.target, limit: limits.targetBytes) else { throw .malformed }
        isHTTP10 = raw.version == .http10
        let fields = FramingFields(raw.fields)
        host = try Self.host(fields, isHTTP10: isHTTP10)
        framing = try Self.framing(fields, isHTTP10: isHTTP10)
        // Each element names a field at most, and there can be no more of those.
        guard fields.connectionElements <= limits.fields else { throw .malformed }
        guard Self.methods.contains(raw.method) else { throw .method }
        expectsContinue = try Self.expectation(fields, isHTTP10: isHTTP10)
        keepsAlive = !isHTTP10 && !fields.asksToClose
        wire = WireRequest(method: raw.method, path: target.path, query: target.query, headers: raw.fields, address: address)
    }

    /// RFC 9112 section 3.2; only HTTP/1.0 may leave the field out.
    private static func host(_ fields: FramingFields, isHTTP10: Bool) throws(EdgeFault) -> HostName? {
        if fields.hosts.isEmpty, isHTTP10 { return nil }
        guard fields.hosts.count == 1, let host = HostName(fields.hosts[0]) else { throw .malformed }
        return host
    }

    /// RFC 9112 sections 6.1 to 6.3; nothing is repaired, as two readings of one message are the danger here.
    private static func framing(_ fields: FramingFields, isHTTP10: Bool) throws(EdgeFault) -> BodyFraming {
        if !fields.codings.isEmpty {
            guard !isHTTP10, fields.codings.count == 1, fields.codings[0].loweringASCII() == "chunked", fields.lengths.isEmpty else {
                throw .malformed
            }
            return .chunked
        }
        guard !fields.lengths.isEmpty else { return .none }
        guard fields.lengths.count == 1, !fields.lengths[0].isEmpty, fields.lengths[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            // Beyond it, a backend that counts in floating point reads another number.
            let length = Int(fields.lengths[0]), length <= 1 << 53
        else { throw .malformed }
        return .length(length)
    }

    /// RFC 9110 section 10.1.1; an HTTP/1.0 client never waits.
    private static func expectation(_ fields: FramingFields, isHTTP10: Bool) throws(EdgeFault) -> Bool {
        guard !fields.expectations.isEmpty else { return false }
        guard fields.expectations.count == 1, fields.expectations[0].loweringASCII() == "100-continue" else { throw .expectation }
        return !isHTTP10
    }
}

/// The fields that say where a message ends and whom it is for, found in one walk.
private struct FramingFields {
    var hosts: [String] = []
    var lengths: [String] = []
    var codings: [String] = []
    var expectations: [String] = []
    var asksToClose = false
    var connectionElements = 0

    init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            switch name {
            case "host": hosts.append(value)
            case "content-length": lengths.append(value)
            case "transfer-encoding": codings.append(value)
            case "expect": expectations.append(value)
            case "connection": readConnection(value)
            default: break
            }
        }
    }

    private mutating func readConnection(_ value: String) {
        for element in value.utf8.split(separator: UInt8(ascii: ",")) {
            connectionElements += 1
            let letters = element.lazy.filter { !$0.isSpaceOrTab }.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if letters.elementsEqual("close".utf8) { asksToClose = true }
        }
    }
}
