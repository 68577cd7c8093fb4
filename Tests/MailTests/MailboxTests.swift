import Foundation
import Mail
import Testing

struct MailboxTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "mailbox-\(UUID().uuidString)/inner").path

    @Test func `what was sent is listed newest first and read back`() async throws {
        defer { remove() }
        let transport = MailboxTransport(folder: folder)
        for (id, second) in [("b", 20), ("a", 30), ("c", 10)] as [(String, Int64)] {
            try await transport.send(.sample(id: id, to: "\(id)@example.org", subject: "Código \(id)", sentAt: second))
        }
        let mailbox = Mailbox(folder: folder)
        let list = try mailbox.list()
        #expect(list.map(\.to) == ["a@example.org", "b@example.org", "c@example.org"])
        #expect(list.map(\.subject) == ["Código a", "Código b", "Código c"])
        #expect(list.map(\.file) == ["19700101T000030Z-000001-a.eml", "19700101T000020Z-000001-b.eml", "19700101T000010Z-000001-c.eml"])
        #expect(list.first?.date == "Thu, 01 Jan 1970 00:00:30 +0000")
        #expect(try mailbox.list(limit: 1).map(\.to) == ["a@example.org"])

        let letter = try #require(try mailbox.read(list[0].file))
        #expect(letter.text == "The code is 123456.\n")
        #expect(letter.html == "<p>The code is <b>123456</b>.</p>\n")
        #expect(letter.header("message-id") == "<a@example.com>")
        #expect(letter.header("From") == "\"Example\" <noreply@example.com>")
    }

    @Test func `mails of one second are listed in the order of writing, also over restarts`() async throws {
        defer { remove() }
        let ids = ["m", "z", "a", "b-2", "c"]
        for (index, id) in ids.enumerated() {
            // Each restart is a transport of its own, which knows only what the folder holds.
            let transport = MailboxTransport(folder: folder)
            try await transport.send(.sample(id: id, to: "\(id)@example.org", sentAt: 7))
            if index > 0 { try await transport.send(.sample(id: ids[index - 1], to: "\(ids[index - 1])@example.org", sentAt: 7)) }
        }
        try await MailboxTransport(folder: folder).send(.sample(id: "0", to: "0@example.org", sentAt: 6))
        #expect(try Mailbox(folder: folder).list().map(\.to) == (["0"] + ids).reversed().map { "\($0)@example.org" })
    }

    @Test func `more than nine mails of one second sort by number`() async throws {
        defer { remove() }
        let transport = MailboxTransport(folder: folder)
        for number in 0..<12 { try await transport.send(.sample(id: "\(number)", to: "m\(number)@example.org", sentAt: 7)) }
        #expect(try Mailbox(folder: folder).list().map(\.to) == (0..<12).reversed().map { "m\($0)@example.org" })
    }

    @Test func `a mail sent twice is one file`() async throws {
        defer { remove() }
        let transport = MailboxTransport(folder: folder)
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { try await transport.send(.sample()) } }
            try await group.waitForAll()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["20250101T000000Z-000001-01890a5d-ac96.eml"])
    }

    @Test func `folders are 0700 and mails 0600`() async throws {
        defer { remove() }
        try await MailboxTransport(folder: folder).send(.sample())
        let file = try #require(try Mailbox(folder: folder).list().first?.file)
        func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(folder) == 0o700)
        #expect(try mode((folder as NSString).deletingLastPathComponent) == 0o700)
        #expect(try mode("\(folder)/\(file)") == 0o600)
    }

    @Test func `a missing folder is an empty mailbox`() throws {
        #expect(try Mailbox(folder: folder).list().isEmpty)
        #expect(try Mailbox(folder: folder).read("20250101T000000Z-a.eml") == nil)
    }

    @Test(arguments: ["../outside.eml", "/../outside.eml", "/etc/hostname", ".hidden.eml", "", ".", "..", "a.eml\u{0}", "inner/../a.eml"])
    func `only a mail of the folder is read`(name: String) async throws {
        defer { remove() }
        try await MailboxTransport(folder: folder).send(.sample())
        try Data("secret".utf8).write(to: URL(filePath: folder).appending(path: "../outside.eml"))
        try Data("secret".utf8).write(to: URL(filePath: folder).appending(path: ".hidden.eml"))
        #expect(try Mailbox(folder: folder).read(name) == nil)
        #expect(try Mailbox(folder: folder).list().count == 1)
    }

    @Test func `a folder that cannot be made is a fault that may pass`() async throws {
        let fault = await #expect(throws: MailFault.self) { try await MailboxTransport(folder: "/dev/null/mail").send(.sample()) }
        if case .unreachable = fault {} else { Issue.record("\(String(describing: fault))") }
    }

    @Test(arguments: [
        "", "\n", "no header", "A: b", "Content-Type: multipart/alternative; boundary=\"x\"\n\n--x\n--x\n\n--x--", "\n\n=", "=\u{0}",
    ])
    func `bytes of another origin are read as far as they go`(bytes: String) {
        _ = MailboxLetter(reading: Array(bytes.utf8))
    }

    private func remove() {
        try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent)
    }
}
