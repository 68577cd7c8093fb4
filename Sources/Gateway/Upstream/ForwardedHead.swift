import DialectEngine
import Identity
import NIOCore

/// Makes the head of a forwarded request.
///
/// What came in is sorted first: hop-by-hop fields and those that `Connection` lists go (RFC 9110 section 7.6.1), so do identity fields and
/// what only a trusted proxy may say, in every spelling. Only then the gateway's own fields are written, so nothing that a client sends can
/// take one of them away. No value can bring a line of its own.
enum ForwardedHead {
    /// Fields so named are the gateway's own, in requests and answers.
    static let identityPrefix = "x-dragoman-"

    static func bytes(
        for request: WireRequest, framing: BodyFraming, identity: [(name: String, value: String)], forwarding: ForwardedBy,
        upstream: Upstream, upgrade: Bool
    ) -> ByteBuffer {
        var head = ByteBufferAllocator().buffer(capacity: 1024)
        writeRequestLine(request, to: &head)
        let kept = FieldSorting(request, identity: identity, isTrusted: forwarding.isTrusted)
        let host = upstream.settings.preservesHost ? kept.host ?? upstream.authority : upstream.authority
        write("Host", host, to: &head)
        for index in kept.indices {
            let field = request.headers[index]
            write(field.name, field.value, to: &head)
        }
        writeFraming(framing, method: request.method, to: &head)
        writeForwarding(forwarding, request, kept, to: &head)
        for (name, value) in identity where name.isFieldName {
            // An empty field still says that there is nothing: an upstream never sees a client's own in its place.
            write(name, value.isFieldValue ? value : "", to: &head)
        }
        if upgrade { head.writeStaticString("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
        head.writeStaticString("\r\n")
        return head
    }

    /// Whether a request asks for a WebSocket (RFC 6455 section 4.1), the only upgrade that is forwarded.
    static func asksForWebSocket(_ request: WireRequest) -> Bool {
        guard request.method == "GET" else { return false }
        let asked = request.values("upgrade")
        guard asked.count == 1, asked[0].loweringASCII() == "websocket" else { return false }
        return request.values("connection").contains { FieldSorting.tokens($0).contains("upgrade") }
    }

    private static func writeRequestLine(_ request: WireRequest, to head: inout ByteBuffer) {
        head.writeString(request.method.isFieldName ? request.method : "GET")
        head.writeStaticString(" ")
        writeTarget(request.path, to: &head)
        if let query = request.query {
            head.writeStaticString("?")
            writeTarget(query, to: &head)
        }
        head.writeStaticString(" HTTP/1.1\r\n")
    }

    /// What the edge let through has no such bytes; should it ever, they are escaped instead of ending the line.
    private static func writeTarget(_ text: String, to head: inout ByteBuffer) {
        guard !text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            head.writeString(text)
            return
        }
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F {
                head.writeInteger(byte)
            } else {
                head.writeBytes([UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]])
            }
        }
    }

    private static func writeFraming(_ framing: BodyFraming, method: String, to head: inout ByteBuffer) {
        switch framing {
        case .length(let length): write("Content-Length", String(length), to: &head)
        case .chunked: head.writeStaticString("Transfer-Encoding: chunked\r\n")
        // RFC 9110 section 8.6: methods that mean a body say that there is none.
        case .none, .untilClose:
            if method == "POST" || method == "PUT" || method == "PATCH" { head.writeStaticString("Content-Length: 0\r\n") }
        }
    }

    private static func writeForwarding(_ by: ForwardedBy, _ request: WireRequest, _ kept: FieldSorting, to head: inout ByteBuffer) {
        let said = kept.said
        write("X-Forwarded-For", (said["x-forwarded-for"].map { $0 + ", " } ?? "") + by.peer, to: &head)
        write("X-Forwarded-Proto", said["x-forwarded-proto"] ?? by.scheme, to: &head)
        if let host = said["x-forwarded-host"] ?? kept.host { write("X-Forwarded-Host", host, to: &head) }
        write("X-Forwarded-Port", said["x-forwarded-port"] ?? String(by.port), to: &head)
        let prefix = (said["x-forwarded-prefix"] ?? "") + by.prefix
        if !prefix.isEmpty { write("X-Forwarded-Prefix", prefix, to: &head) }
        write("X-Real-IP", request.address, to: &head)
        if let chain = said["forwarded"] {
            write("Forwarded", chain + ", for=" + (by.peer.contains(":") ? "\"[\(by.peer)]\"" : by.peer), to: &head)
        }
    }

    /// Leaves out a field that no message may have: its name or value would end the line.
    private static func write(_ name: String, _ value: String, to head: inout ByteBuffer) {
        guard value.isFieldValue else { return }
        head.writeString(name)
        head.writeStaticString(": ")
        head.writeString(value)
        head.writeStaticString("\r\n")
    }
}
