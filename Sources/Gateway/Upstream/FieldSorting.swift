import DialectEngine
import Identity

/// Which fields of a request go on to an upstream as they came.
struct FieldSorting {
    /// Of `WireRequest.headers`, in their order.
    private(set) var indices: [Int] = []
    /// The client's own `Host`.
    private(set) var host: String?
    /// What a trusted proxy said of those before it, by lower-case name; empty for other peers.
    private(set) var said: [String: String] = [:]

    private enum Fate { case kept, dropped, host, forwarding }

    init(_ request: WireRequest, identity: [(name: String, value: String)], isTrusted: Bool) {
        let listed = Self.listed(request)
        indices.reserveCapacity(request.headers.count)
        for (index, field) in request.headers.enumerated() {
            let isPlain = field.name.utf8.allSatisfy { $0.isPlainNameCharacter }
            // Servers that make variables of names take `X_User`, `x-user` and `X.User` for one.
            let name = isPlain ? field.name : Self.folded(field.name)
            switch Self.fate(of: name) {
            case .kept:
                guard !listed.contains(field.name), field.name.isFieldName, !Self.isIdentity(name, identity) else { continue }
                indices.append(index)
            case .host:
                if isPlain { host = host ?? field.value }
            case .forwarding:
                // What a trusted proxy says here is its own, and its client's `Connection` may not take it away (CVE-2022-31813).
                guard isTrusted, isPlain else { continue }
                said[name] = said[name].map { "\($0), \(field.value)" } ?? field.value
                if Self.passesFromTrusted(name) { indices.append(index) }
            case .dropped: continue
            }
        }
    }

    /// The lower-case tokens of a list.
    static func tokens(_ list: String) -> [String] {
        list.utf8.split(separator: UInt8(ascii: ",")).map { part in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            let trimmed = part.drop(while: isSpace)
            let end = trimmed.lastIndex { !isSpace($0) }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
            return String(decoding: trimmed[..<end], as: UTF8.self).loweringASCII()
        }
    }

    private static func listed(_ request: WireRequest) -> Set<String> {
        var listed: Set<String> = []
        for field in request.headers where field.name == "connection" { listed.formUnion(tokens(field.value)) }
        return listed
    }

    private static func fate(of name: String) -> Fate {
        // Whatever begins like this is for this connection; CGI hands on the bare name as `HTTP_PROXY`, which many programs take for the
        // proxy that they are to use.
        if name == "proxy" || name.hasPrefix("proxy-") { return .dropped }
        return switch name.utf8.count {
        case 2: name == "te" ? .dropped : .kept
        case 4: name == "host" ? .host : .kept
        case 6: name == "expect" ? .dropped : .kept
        case 7: name == "trailer" || name == "upgrade" ? .dropped : .kept
        case 9: name == "forwarded" || name == "x-real-ip" ? .forwarding : .kept
        case 10: name == "connection" || name == "keep-alive" ? .dropped : .kept
        default: longFate(of: name)
        }
    }

    private static func longFate(of name: String) -> Fate {
        switch name {
        case "content-length", "transfer-encoding", "http2-settings": .dropped
        // A guard judges the request line; an upstream that obeys another method or path would undo its judgement. A trusted proxy may
        // hand on what its clients say here.
        case "x-http-method-override", "x-http-method", "x-method-override": .dropped
        case "x-original-url", "x-rewrite-url", "x-original-uri", "x-original-method", "x-forwarded-uri", "x-forwarded-method": .dropped
        default: name.hasPrefix("x-forwarded-") ? .forwarding : .kept
        }
    }

    /// Those that the gateway does not write itself go on as a trusted proxy sent them.
    private static func passesFromTrusted(_ name: String) -> Bool {
        switch name {
        case "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "forwarded", "x-real-ip":
            false
        default: true
        }
    }

    private static func isIdentity(_ name: String, _ identity: [(name: String, value: String)]) -> Bool {
        if name.hasPrefix(ForwardedHead.identityPrefix) { return true }
        return identity.contains { $0.name.utf8.count == name.utf8.count && folded($0.name) == name }
    }

    /// In lower case, with a hyphen for all that is no letter and no digit.
    static func folded(_ name: String) -> String {
        let bytes = name.loweringASCII().utf8.map { $0.isPlainNameCharacter ? $0 : UInt8(ascii: "-") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// A lower-case letter, a digit or a hyphen.
    fileprivate var isPlainNameCharacter: Bool {
        (0x61...0x7A).contains(self) || (0x30...0x39).contains(self) || self == UInt8(ascii: "-")
    }
}
