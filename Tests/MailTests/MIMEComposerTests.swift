import Mail
import Testing

struct MIMEComposerTests {
    @Test func `a mail has these bytes`() throws {
        let message = try MailMessage.sample(subject: "Código", text: "Hé\n.", html: "<p>x=1</p>")
        let expected = [
            "Date: Wed, 01 Jan 2025 00:00:00 +0000",
            "From: \"Example\"",
            " <noreply@example.com>",
            "To: ada@example.org",
            "Subject: =?UTF-8?Q?C=C3=B3digo?=",
            "Message-ID: <01890a5d-ac96@example.com>",
            "MIME-Version: 1.0",
            "Content-Language: en",
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/alternative; boundary=\"=_dragoman_8ad9bc404e4f0801\"",
            "",
            "--=_dragoman_8ad9bc404e4f0801",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "H=C3=A9",
            "=2E",
            "--=_dragoman_8ad9bc404e4f0801",
            "Content-Type: text/html; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "<p>x=3D1</p>",
            "--=_dragoman_8ad9bc404e4f0801--",
            "",
        ]
        #expect(lines(of: message) == expected)
    }

    @Test func `a mail without HTML is one plain part`() throws {
        let lines = try lines(of: .sample(fromName: nil, text: "plain\n", html: nil))
        #expect(lines.contains("From: noreply@example.com"))
        #expect(lines.suffix(5) == ["Content-Transfer-Encoding: quoted-printable", "", "plain", "", ""])
        #expect(!lines.contains { $0.contains("multipart") })
    }

    @Test(arguments: awkwardTexts)
    func `every line is short ASCII, no line begins with a dot, and the boundary stands alone`(text: String) throws {
        let message = try MailMessage.sample(text: text, html: "<p>\(text)</p>")
        let bytes = MIMEComposer.compose(message)
        #expect(bytes.allSatisfy { (32...126).contains($0) || $0 == 13 || $0 == 10 })
        #expect(bytes.filter { $0 == 13 }.count == bytes.filter { $0 == 10 }.count)
        let lines = lines(of: message)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.hasPrefix(".") && !$0.hasSuffix(" ") })
        #expect(lines.filter { $0.hasPrefix("--=_") }.count == 3)
    }

    @Test(arguments: awkwardTexts)
    func `what is read back is what was written`(text: String) throws {
        let letter = try MailboxLetter(reading: MIMEComposer.compose(.sample(text: text, html: "<p>\(text)</p>")))
        #expect(letter.text == text)
        #expect(letter.html == "<p>\(text)</p>")
        #expect(try MailboxLetter(reading: MIMEComposer.compose(.sample(text: text, html: nil))).text == text)
    }

    @Test(arguments: ["a\r\nb\r\n", "a\rb\r", "a\nb\n", "a\r\nb\n"])
    func `each kind of line ending leaves as CRLF`(text: String) throws {
        let message = try MailMessage.sample(text: text)
        #expect(String(decoding: MIMEComposer.compose(message), as: UTF8.self).contains("\r\n\r\na\r\nb\r\n\r\n--=_"))
    }

    @Test(arguments: subjects)
    func `a subject of any kind fits its lines and is read back`(subject: String) throws {
        let message = try MailMessage.sample(fromName: subject, subject: subject)
        for line in lines(of: message) where line.contains("=?") { #expect(line.utf8.count <= 76, "\(line)") }
        #expect(lines(of: message).allSatisfy { $0.utf8.count <= 78 })
        #expect(MailboxLetter(reading: MIMEComposer.compose(message)).header("subject") == subject)
    }

    static let subjects = [
        "", " ", "Plain", "two  spaces", " before", "after ", "=?UTF-8?Q?not_one?=", "a =?b", "quote \" and \\ inside",
        "comma, colon: <x@y>",
        "Ваш код подтверждения: никому его не сообщайте", "確認コードのお知らせ", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "é", "x é", "é x",
        String(repeating: "x", count: 900), String(repeating: "word ", count: 50) + "end", String(repeating: "ю", count: 450),
        String(repeating: "x", count: 60) + " " + String(repeating: "y", count: 60), "under_score ü_ü", "equals = ü",
    ]

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 +0000"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 +0000"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 +0000"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ] as [(Int64, String)])
    func `the date is written in UTC`(seconds: Int64, date: String) throws {
        #expect(try lines(of: .sample(sentAt: seconds)).first == "Date: \(date)")
    }

    @Test func `the same mail has the same bytes and another id another boundary`() throws {
        #expect(try MIMEComposer.compose(.sample()) == MIMEComposer.compose(.sample()))
        let boundaries = try Set(["a", "b", "c"].flatMap { try lines(of: .sample(id: $0)).filter { $0.hasPrefix("Content-Type: multi") } })
        #expect(boundaries.count == 3)
    }

    // Split as bytes: "\r\n" is one Character.
    private func lines(of message: MailMessage) -> [String] {
        let text = String(decoding: MIMEComposer.compose(message), as: UTF8.self)
        return text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false).map(String.init)
    }
}
