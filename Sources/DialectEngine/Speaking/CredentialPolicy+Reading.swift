package import Identity

extension CredentialPolicy {
    /// The one credential that a request shows; where it shows several, `keyWins` decides or none is judged.
    ///
    /// `kinds` are those that count where the request goes. Keys count only in their header, bearer tokens only in `Authorization`: never
    /// in a query, a body or a cookie. A foreign key is a key, wherever it stands.
    package func credential(of request: WireRequest, kinds: Set<CredentialKind>) -> Credential {
        let bearer = bearer(in: request.values("authorization"))
        let key = apiKey(in: request)
        switch (bearer, key) {
        case (_, .none): return bearer
        case (.none, _): return key
        case (_, _) where keyWins: return kinds.contains(.apiKey) ? key : bearer
        default: return .ambiguous
        }
    }

    /// Whether the credential is a key that belongs to an upstream.
    package func isForeign(_ credential: Credential) -> Bool {
        guard case .apiKey(let key) = credential else { return false }
        return isForeign(key)
    }

    private func isForeign(_ key: String) -> Bool { foreignKeyPrefixes.contains { key.hasPrefix($0) } }

    private func apiKey(in request: WireRequest) -> Credential {
        guard let name = apiKeyHeader else { return .none }
        let values = request.values(name.lowercased())
        guard values.count < 2 else { return .ambiguous }
        guard let key = values.first.map({ Self.trimmed($0) }), !key.isEmpty else { return .none }
        return .apiKey(String(key))
    }

    private func bearer(in fields: [String]) -> Credential {
        guard fields.count < 2 else { return .ambiguous }
        guard let field = fields.first.map({ Self.trimmed($0) }), !field.isEmpty else { return .none }
        let scheme = field[..<(field.utf8.firstIndex(where: Self.endsWord) ?? field.endIndex)]
        guard scheme.utf8.count == 6, scheme.lowercased() == "bearer" else { return Self.mentionsBearer(field) ? .ambiguous : .none }
        let value = Self.trimmed(field[scheme.endIndex...])
        guard !value.isEmpty else { return .none }
        var token = String(value)
        guard token.withUTF8({ !$0.contains(where: Self.endsWord) }) else { return .ambiguous }
        return isForeign(token) ? .apiKey(token) : .bearer(token)
    }

    /// Whether a list that begins with another scheme hides a bearer token further on.
    private static func mentionsBearer(_ field: Substring) -> Bool {
        field.split(separator: ",").dropFirst().contains { trimmed($0).lowercased().hasPrefix("bearer") }
    }

    private static func endsWord(_ byte: UInt8) -> Bool { isSpace(byte) || byte == UInt8(ascii: ",") }

    private static func isSpace(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while isSpace(text.utf8.first) { text = Substring(text.utf8.dropFirst()) }
        while isSpace(text.utf8.last) { text = Substring(text.utf8.dropLast()) }
        return text
    }
}
