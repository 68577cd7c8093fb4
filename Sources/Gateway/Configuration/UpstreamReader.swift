import DialectEngine
import Identity

/// Reads the upstreams of a frontend.
struct UpstreamReader {
    let findings: Findings

    /// By their names; what is faulty is found and left out.
    func upstreams(_ node: YAMLNode) -> [String: UpstreamSettings] {
        var upstreams: [String: UpstreamSettings] = [:]
        for entry in node.entries ?? [] {
            upstreams[entry.key] = entry.value.entries == nil ? settings(entry.value) : entry.value["url"].flatMap(settings)
            guard entry.value.entries != nil else { continue }
            upstreams[entry.key]?.choose(entry.value)
        }
        return upstreams
    }

    /// One address, or a list of them.
    private func settings(_ node: YAMLNode) -> UpstreamSettings? {
        if let items = node.items, items.isEmpty {
            findings.error(node.place, "an upstream has one address at least")
        }
        let addresses = (node.items ?? [node]).map(address)
        guard !addresses.isEmpty, !addresses.contains(nil) else { return nil }
        return UpstreamSettings(addresses: addresses.compactMap { $0 })
    }

    private func address(_ node: YAMLNode) -> UpstreamAddress? {
        // What is no text has been told by the schema.
        guard let text = node.text, !node.isNull else { return nil }
        let lowered = text.loweringASCII()
        if lowered.hasPrefix("https://") {
            findings.error(
                node.place, "an upstream is called over plain http: have it listen beside the gateway, or put a TLS tunnel between them")
            return nil
        }
        guard lowered.hasPrefix("http://"), let (host, rest) = Self.host(lowered.dropFirst(7)) else {
            findings.error(node.place, "an upstream is like `http://127.0.0.1:9300`")
            return nil
        }
        let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? rest.endIndex
        guard rest[end...].isEmpty || rest[end...] == "/" else {
            findings.error(node.place, "an upstream has no path, as what is forwarded is what was matched: write `http://host:port`")
            return nil
        }
        let port = rest[..<end].isEmpty ? 80 : Scalars.int(String(rest[..<end].dropFirst())) ?? 0
        guard let address = UpstreamAddress(host: host, port: port) else {
            findings.error(node.place, "the port of an upstream is a number in 1...65535")
            return nil
        }
        return address
    }

    /// The host without brackets, and what follows it: nothing, `:port`, or a path.
    private static func host(_ text: Substring) -> (host: String, rest: Substring)? {
        let isBracketed = text.hasPrefix("[")
        let ends = Array((isBracketed ? "]" : ":/?#").utf8)
        let found = text.utf8.firstIndex { ends.contains($0) }
        guard let end = isBracketed ? found.map({ text.index(after: $0) }) : found ?? text.endIndex,
            let name = HostName(String(text[..<end]))
        else { return nil }
        let rest = text[end...]
        guard rest.isEmpty || rest.hasPrefix(":") || rest.hasPrefix("/") || !isBracketed else { return nil }
        guard isBracketed else { return (name.name, rest) }
        let address = String(name.name.dropFirst().dropLast())
        return IPAddress(address) == nil ? nil : (address, rest)
    }
}

extension UpstreamSettings {
    /// Takes over what a map says beside its addresses.
    fileprivate mutating func choose(_ node: YAMLNode) {
        connectTimeout = node.duration("connect-timeout") ?? connectTimeout
        answerTimeout = node.duration("answer-timeout") ?? answerTimeout
        idleTimeout = node.duration("idle-timeout") ?? idleTimeout
        streamTimeout = node.duration("stream-timeout") ?? streamTimeout
        preservesHost = node.bool("preserve-host", preservesHost)
        hasInternalToken = node.bool("internal-token", hasInternalToken)
        connections = node.int("connections") ?? connections
    }
}
