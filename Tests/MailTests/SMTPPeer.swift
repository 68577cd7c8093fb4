import Foundation
import Mail
import Testing

/// A real SMTP server in a child process: `smtp_peer.py` on aiosmtpd.
final class SMTPPeer {
    /// A mail that the server took, and how Python's own parser reads it.
    struct Received: Decodable {
        let from: String
        let to: [String]
        let raw: String
        let tls: Bool
        let user: String?
        let messageID: String
        let subject: String
        let senderName: String
        let sender: String
        let date: Int64
        let language: String
        let text: String
        let html: String?
        let defects: [String]
    }

    /// What the server saw so far.
    struct Report: Decodable {
        let messages: [Received]
        /// The recipient of each try, in order.
        let attempts: [String]
        let connections: Int
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    /// The self-signed certificate, when the server has TLS.
    let certificate: String?

    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()
    private var unread = Data()

    init(_ arguments: String..., tls: String? = nil) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let package = tests.deletingLastPathComponent().deletingLastPathComponent()
        let own = package.appending(path: ".build/venv/bin/python").path
        let python =
            ProcessInfo.processInfo.environment["DRAGOMAN_PYTHON"]
            ?? (FileManager.default.isExecutableFile(atPath: own) ? own : "/usr/bin/env")
        process.executableURL = URL(filePath: python)
        process.arguments = python == "/usr/bin/env" ? ["python3"] : []
        process.arguments?.append(tests.appending(path: "smtp_peer.py").path)
        process.arguments?.append(contentsOf: arguments + (tls.map { ["--tls", $0] } ?? []))
        process.standardInput = commands
        process.standardOutput = answers
        try process.run()
        let lines = (Self.line(answers, &unread), tls == nil ? nil : Self.line(answers, &unread))
        guard let port = lines.0.flatMap({ Int($0) }) else {
            throw Missing(description: "\(python) cannot run smtp_peer.py (is aiosmtpd there?): `make test` sets it up in .build/venv")
        }
        self.port = port
        certificate = lines.1
    }

    deinit {
        // The end of its input ends the server.
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Lets the server treat mails as `mode` says, for `count` mails or until told otherwise.
    func mode(_ mode: String, count: Int? = nil) throws {
        _ = try ask("mode \(mode)\(count.map { " \($0)" } ?? "")")
    }

    /// Lets the server treat every mail to evil.example as `mode` says.
    func poison(_ mode: String) throws { _ = try ask("poison \(mode)") }

    /// Refuses the mails that hang.
    func letGo() throws { _ = try ask("letgo") }

    /// Closes the port.
    func goDown() throws { _ = try ask("down") }

    /// Opens the same port again.
    func comeBack() throws { _ = try ask("up") }

    func report() throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(ask("report").utf8))
    }

    /// A transport to this server.
    func transport(
        query: String = "", scheme: String = "smtp", host: String = "127.0.0.1", user: String? = nil, password: String? = nil,
        trusted: Bool = true, timeout: Duration = .seconds(20)
    ) throws -> SMTPTransport {
        SMTPTransport(
            try SMTPConfiguration(
                url: "\(scheme)://\(host):\(port)\(query)", user: user, password: password, authorities: trusted ? certificate : nil,
                timeout: timeout))
    }

    private func ask(_ command: String) throws -> String {
        try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
        guard let answer = Self.line(answers, &unread), !answer.contains("\"error\"") else {
            throw Missing(description: "the SMTP server did not understand \(command)")
        }
        return answer
    }

    private static func line(_ pipe: Pipe, _ unread: inout Data) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            unread += more
        }
    }
}
