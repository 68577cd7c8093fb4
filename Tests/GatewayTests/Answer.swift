import Identity

/// An HTTP answer as it came.
struct Answer {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: String

    /// Reads one answer, the connection's only one.
    init(_ text: String) {
        let halves = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (halves.first ?? "").split(separator: "\r\n")
        status = lines.first.flatMap { line in line.split(separator: " ").dropFirst().first.flatMap { Int($0) } } ?? 0
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]).lowercased(), parts.count > 1 ? String(parts[1]) : "")
        }
        body = halves.count > 1 ? String(halves[1]) : ""
    }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    var json: Value? { try? JSONReader.read(Array(body.utf8)) }
}

extension TestGateway {
    /// One request over a connection of its own.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, token: String? = nil, host: String = "pocket.test", fields: [String] = [],
        port: Int? = nil, address: String = "127.0.0.1"
    ) async throws -> Answer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for field in fields { text += field + "\r\n" }
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        text += "\r\n" + (body ?? "")
        return Answer(try await RawConnection.exchange(port ?? self.port, text, host: address))
    }

    /// Registers and signs in; the access token.
    func signIn(_ email: String = "ann@example.com", password: String = "correct horse 1") async throws -> String {
        let body = #"{"email":"\#(email)","password":"\#(password)"}"#
        _ = try await send("POST", "/users", body)
        return try await send("POST", "/login", body).json?["token"]?.string ?? ""
    }
}
