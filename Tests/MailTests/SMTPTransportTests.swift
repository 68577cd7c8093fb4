import Mail
import Testing

struct SMTPTransportTests {
    @Test func `a mail arrives as it was composed, and another parser reads the same`() async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport()
        var messages: [MailMessage] = []
        for (index, text) in awkwardTexts.enumerated() where !text.unicodeScalars.contains("\u{0}") {
            messages.append(
                try .sample(
                    id: "m\(index)", fromName: "Büro \"Eins\"", subject: "Nº \(index): 確認コードのお知らせ", text: text, html: "<p>\(text)</p>\n",
                    language: "ja"))
        }
        for message in messages { try await transport.send(message) }

        let report = try peer.report()
        #expect(report.messages.count == messages.count)
        #expect(report.connections == 1)
        for (message, received) in zip(messages, report.messages) {
            #expect(Array(received.raw.utf8) == MIMEComposer.compose(message))
            #expect(received.from == "noreply@example.com")
            #expect(received.to == ["ada@example.org"])
            #expect(received.messageID == "<\(message.messageID)>")
            #expect(received.subject == message.subject)
            #expect(received.senderName == "Büro \"Eins\"")
            #expect(received.sender == "noreply@example.com")
            #expect(received.date == message.sentAt)
            #expect(received.language == "ja")
            #expect(received.text == message.text)
            #expect(received.html == message.html)
            #expect(received.defects.isEmpty)
        }
    }

    @Test(arguments: MIMEComposerTests.subjects.filter { !$0.isEmpty && $0 == $0.trimmed })
    func `another parser reads every subject and name`(subject: String) async throws {
        let peer = try SMTPPeer()
        try await peer.transport().send(.sample(fromName: subject, subject: subject))
        let received = try #require(try peer.report().messages.first)
        #expect(received.subject == subject)
        #expect(received.senderName == subject)
        #expect(received.sender == "noreply@example.com")
    }

    @Test(
        arguments: [
            ("tempfail", .temporary("the mail server answered 451")), ("tempfail_data", .temporary("the mail server answered 452")),
            ("relay_tempfail", .temporary("the mail server answered 454")), ("closing", .temporary("the mail server answered 421")),
            ("closing_rcpt", .temporary("the mail server answered 421")), ("permfail", .permanent("the mail server answered 550")),
            ("permfail_data", .permanent("the mail server answered 554")),
        ] as [(String, MailFault)])
    func `a refusal of the mail is told from a not-now, and the next mail goes through`(mode: String, fault: MailFault) async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport()
        try peer.mode(mode, count: 1)
        await #expect(throws: fault) { try await transport.send(.sample(id: "one")) }
        try await transport.send(.sample(id: "two"))
        #expect(try peer.report().messages.map(\.messageID) == ["<two@example.com>"])
    }

    @Test(arguments: ["drop_rcpt", "drop", "accept_then_drop", "greet_permfail"])
    func `a connection lost or refused ends no mail, and is the mail's own trouble once it is under way`(mode: String) async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport()
        try peer.mode(mode)
        let fault = await #expect(throws: MailFault.self) { try await transport.send(.sample(id: "one")) }
        if mode == "greet_permfail" { expectUnreachable(fault) } else { expectTemporary(fault) }
        try peer.mode("accept")
        try await transport.send(.sample(id: "two"))
        let ids = try peer.report().messages.map(\.messageID)
        #expect(ids.last == "<two@example.com>")
        #expect(ids.count == (mode == "accept_then_drop" ? 2 : 1))
    }

    @Test func `a closed port and its return`() async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport()
        try peer.goDown()
        expectUnreachable(await #expect(throws: MailFault.self) { try await transport.send(.sample()) })
        try peer.comeBack()
        try await transport.send(.sample())
        #expect(try peer.report().messages.count == 1)
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["hang", "hang_greeting"])
    func `a server that hangs is left at the timeout, and holds up no other`(mode: String) async throws {
        let hanging = try (0..<4).map { _ in try SMTPPeer() }
        let sound = try SMTPPeer()
        for peer in hanging { try peer.mode(mode) }
        let transports = try hanging.map { try $0.transport(timeout: .milliseconds(700)) }
        try await withThrowingTaskGroup { group in
            for transport in transports {
                group.addTask {
                    let fault = await #expect(throws: MailFault.self) { try await transport.send(.sample()) }
                    if mode == "hang" { expectTemporary(fault) } else { expectUnreachable(fault) }
                }
            }
            // More of them hang than there are threads for tasks; this one passes all the same.
            try await sound.transport().send(.sample())
            #expect(try sound.report().messages.count == 1)
            try await group.waitForAll()
        }
    }

    @Test func `concurrent mails all arrive, once each`() async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport()
        try await withThrowingTaskGroup { group in
            for index in 0..<50 { group.addTask { try await transport.send(.sample(id: "m\(index)")) } }
            try await group.waitForAll()
        }
        #expect(Set(try peer.report().messages.map(\.messageID)) == Set((0..<50).map { "<m\($0)@example.com>" }))
        #expect(try peer.report().messages.count == 50)
    }
}

/// Expects a fault that is the server's and not the mail's.
func expectUnreachable(_ fault: MailFault?, sourceLocation: SourceLocation = #_sourceLocation) {
    guard case .unreachable = fault else {
        Issue.record("\(String(describing: fault)) blames the mail", sourceLocation: sourceLocation)
        return
    }
}

/// Expects a fault that is the mail's own, and no end of it.
func expectTemporary(_ fault: MailFault?, sourceLocation: SourceLocation = #_sourceLocation) {
    guard case .temporary = fault else {
        Issue.record("\(String(describing: fault)) is not put off alone", sourceLocation: sourceLocation)
        return
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.hasPrefix(" ") { rest.removeFirst() }
        while rest.hasSuffix(" ") { rest.removeLast() }
        return String(rest)
    }
}
