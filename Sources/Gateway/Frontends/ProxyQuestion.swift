import DialectEngine
import Identity

/// Another proxy's question whether a request may pass: nginx's `auth_request`, Traefik's ForwardAuth, Caddy's `forward_auth`, Envoy's
/// `ext_authz` over HTTP.
///
/// The request that is asked about is named in one of three ways: by the rest of the path (Envoy, whose prefix is `path`), by
/// `X-Original-URI` and `X-Original-Method` (nginx), or by `X-Forwarded-Uri` and `X-Forwarded-Method` (Traefik, Caddy). Both fields of one
/// pair have to be there, and none of the other, and no field where the path names it: it would be the client's own.
struct ProxyQuestion: Sendable {
    static let path = "/_dragoman/authorize"
    private static let naming: Set = ["x-original-uri", "x-original-method", "x-forwarded-uri", "x-forwarded-method"]

    /// The request that is asked about; its fields are the client's.
    var wire: WireRequest
    /// Whether the asking proxy shows the client what we say; nginx throws it away, and closes the connection over it.
    var wantsWords: Bool

    enum Reading {
        case question(ProxyQuestion)
        /// It names no request, two, or one that could be read in two ways.
        case malformed
    }

    /// Nil when the request is no such question.
    static func read(_ asking: WireRequest) -> Reading? {
        guard asking.path.hasPrefix(path) else { return nil }
        if asking.path.utf8.count == path.utf8.count { return byFields(asking) }
        let rest = String(decoding: asking.path.utf8.dropFirst(path.utf8.count), as: UTF8.self)
        guard rest.hasPrefix("/") else { return nil }
        guard !asking.headers.contains(where: { naming.contains($0.name) }) else { return .malformed }
        var wire = asking
        wire.path = rest
        return .question(ProxyQuestion(wire: wire, wantsWords: true))
    }

    private static func byFields(_ asking: WireRequest) -> Reading {
        let original = asking.values("x-original-uri")
        let forwarded = asking.values("x-forwarded-uri")
        let named = original + forwarded
        guard named.count == 1, let target = RequestTarget(named[0], limit: 8192) else { return .malformed }
        let (originals, forwardeds) = (asking.values("x-original-method"), asking.values("x-forwarded-method"))
        let (methods, others) = original.isEmpty ? (forwardeds, originals) : (originals, forwardeds)
        guard methods.count == 1, others.isEmpty, CheckedHead.methods.contains(methods[0]) else { return .malformed }
        var wire = asking
        wire.method = methods[0]
        wire.path = target.path
        wire.query = target.query
        return .question(ProxyQuestion(wire: wire, wantsWords: original.isEmpty))
    }
}
