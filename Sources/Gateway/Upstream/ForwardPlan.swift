import DialectEngine
import NIOCore

/// One request, ready to be sent to an upstream; it may be kept and sent again for a request of the same bytes.
struct ForwardPlan: Sendable {
    let upstream: Upstream
    /// The complete head.
    let head: ByteBuffer
    let framing: BodyFraming
    let method: String
    let clientVersionIs10: Bool
    /// It asks for a WebSocket.
    let upgrade: Bool
    /// It may be sent twice: an idempotent method (RFC 9110 section 9.2.2), and no body.
    let isRepeatable: Bool
    /// Lower-case names of answer fields that the gateway writes itself, so that the upstream's own are dropped.
    let withheld: [String]

    init(
        _ request: WireRequest, framing: BodyFraming, identity: [(name: String, value: String)], forwarding: ForwardedBy,
        upstream: Upstream, clientVersionIs10: Bool, withheld: [String] = []
    ) {
        let upgrade = !clientVersionIs10 && framing == .none && ForwardedHead.asksForWebSocket(request)
        self.init(
            upstream: upstream,
            head: ForwardedHead.bytes(
                for: request, framing: framing, identity: identity, forwarding: forwarding, upstream: upstream, upgrade: upgrade),
            framing: framing, method: request.method, clientVersionIs10: clientVersionIs10, upgrade: upgrade, withheld: withheld)
    }

    init(
        upstream: Upstream, head: ByteBuffer, framing: BodyFraming, method: String, clientVersionIs10: Bool, upgrade: Bool,
        withheld: [String] = []
    ) {
        self.upstream = upstream
        self.head = head
        self.framing = framing
        self.method = method
        self.clientVersionIs10 = clientVersionIs10
        self.upgrade = upgrade
        self.withheld = withheld
        isRepeatable = (framing == .none || framing == .length(0)) && !upgrade && Self.idempotent.contains(method)
    }

    private static let idempotent: Set<String> = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]
}
