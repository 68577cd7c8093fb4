import Mail
import Testing

struct MailMessageTests {
    @Test(arguments: [
        "", "ada", "@example.org", "ada@", "ada@@example.org", "a@b@example.org", "ada@example..org", "ada@.example.org",
        "ada@example.org.",
        ".ada@example.org", "ada.@example.org", "a..da@example.org", "ada @example.org", " ada@example.org", "ada@example.org ",
        "Ada <ada@example.org>", "<ada@example.org>", "ada@example.org, eve@example.net", "ada@example.org;eve@example.net",
        "ada@example.org\r\nBcc: eve@example.net", "ada@example.org\nBcc: eve@example.net", "ada@example.org\rBcc:eve@example.net",
        "ada\u{0}@example.org", "ada@example.org\u{0}", "ada@x%0aCc:eve@example.net", "\"ada\"@example.org", "ada(comment)@example.org",
        "ada@[127.0.0.1]", "ada@-example.org", "ada@example-.org", "ada@exa_mple.org", "ädä@example.org", "ada@exämple.org",
        "ada@example\u{FF0E}org", "ada\u{85}@example.org", "ada@example.org\u{2028}",
        String(repeating: "a", count: 65) + "@example.org", "ada@" + String(repeating: "a", count: 64) + ".org",
        "ada@" + String(repeating: "abcdefgh.", count: 30) + "org",
    ])
    func `what is not one plain address is refused, as sender and as recipient`(spelling: String) {
        #expect(throws: MailFault.invalid("to: not one plain e-mail address")) { try MailMessage.sample(to: spelling) }
        #expect(throws: MailFault.invalid("from: not one plain e-mail address")) { try MailMessage.sample(from: spelling) }
    }

    @Test(arguments: [
        "ada@example.org", "ADA.Lovelace+tag@Example.ORG", "o'hara@example.org", "user%host@localhost", "1@2.3",
        "a!#$%&'*+-/=?^_`{|}~@x.io",
        String(repeating: "a", count: 64) + "@example.org",
    ])
    func `a plain address is taken as it is`(spelling: String) throws {
        let message = try MailMessage.sample(to: spelling)
        #expect(message.to.spelling == spelling)
        #expect(String(decoding: MIMEComposer.compose(message), as: UTF8.self).contains("\r\nTo: \(spelling)\r\n"))
    }

    @Test(arguments: [
        "a\r\nBcc: eve@example.net", "a\nBcc: eve@example.net", "a\rBcc: eve@example.net", "\r\n\r\nbody", "\r\n.\r\n", "a\u{0}b", "\n",
        "tab\tbed",
        "a\u{85}b", "a\u{7F}b", "a\u{1B}[2J", String(repeating: "x", count: 1_001),
    ])
    func `a control character in a header value is refused`(value: String) {
        let subject = #expect(throws: MailFault.self) { try MailMessage.sample(subject: value) }
        let name = #expect(throws: MailFault.self) { try MailMessage.sample(fromName: value) }
        for fault in [subject, name] {
            guard case .invalid(let words) = fault else {
                Issue.record("\(String(describing: fault)) is not a refusal")
                continue
            }
            #expect(!words.contains("eve"))
        }
    }

    @Test(arguments: ["", ".", "a..b", "a b", "a/b", "../a", "a@b", "a>b", "a\r\nb", "é", String(repeating: "a", count: 101)])
    func `an id that is no file name and no Message-ID is refused`(id: String) {
        #expect(throws: MailFault.self) { try MailMessage.sample(id: id) }
    }

    @Test(arguments: ["", "-", "en_US", "en\r\nBcc: x", "abcdefghi", "en-"])
    func `a language that is no tag is refused`(language: String) {
        #expect(throws: MailFault.self) { try MailMessage.sample(language: language) }
    }

    @Test(arguments: [-1, 253_402_300_800, .max, .min] as [Int64])
    func `a date that a mail cannot say is refused`(seconds: Int64) {
        #expect(throws: MailFault.self) { try MailMessage.sample(sentAt: seconds) }
    }

    @Test(arguments: awkwardTexts)
    func `a stored mail comes back the same`(text: String) throws {
        for html in [text, nil] {
            for name in ["Ünïcode \"Inc\"", nil] {
                let message = try MailMessage.sample(fromName: name, text: text, html: html, sentAt: 253_402_300_799, language: "pt-BR")
                #expect(try MailMessage(decoding: message.encoded()) == message)
            }
        }
    }

    @Test func `a stored mail that was cut, lengthened or spoilt is refused, not misread`() throws {
        let bytes = try MailMessage.sample().encoded()
        for count in 0..<bytes.count {
            #expect(throws: MailFault.self) { try MailMessage(decoding: bytes.prefix(count)) }
        }
        #expect(throws: MailFault.self) { try MailMessage(decoding: bytes + [0]) }
        #expect(throws: MailFault.self) { try MailMessage(decoding: [9] + bytes.dropFirst()) }
        var huge = bytes
        huge.replaceSubrange(10..<14, with: [255, 255, 255, 255])
        #expect(throws: MailFault.self) { try MailMessage(decoding: huge) }
        var notText = bytes
        notText[14] = 0xFF
        #expect(throws: MailFault.self) { try MailMessage(decoding: notText) }
    }

    @Test func `a description shows neither subject, texts nor recipient`() throws {
        let message = try MailMessage.sample(subject: "Code 123456 for you")
        var dumped = ""
        dump(message, to: &dumped)
        for shown in ["\(message)", String(reflecting: message), "\([message])", dumped, "\(message.to)"] {
            #expect(!shown.contains("123456"))
            #expect(!shown.contains("ada@"))
        }
        #expect(message.to.masked == "a***@example.org")
    }
}
