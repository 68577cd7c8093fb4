import Identity

/// An absolute http or https URL without user, query and fragment.
struct BaseURL: Sendable, Hashable {
    let isSecure: Bool
    /// `host` or `host:port`.
    let authority: String
    /// Without a slash at its end.
    let path: String

    init?(_ text: String) {
        let lowered = text.loweringASCII()
        guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://") else { return nil }
        isSecure = lowered.hasPrefix("https://")
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard HostName(String(rest[..<slash])) != nil else { return nil }
        authority = rest[..<slash].lowercased()
        let path = String(rest[slash...])
        guard path.isEmpty || RequestTarget(path, limit: 2048)?.query == .some(nil) else { return nil }
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}
