import Identity
import Mail
import Testing

@testable import DialectEngine

struct MailComposerTests {
    private func composer(subject: Text = .literal("Reset"), from: String = "noreply@example.com") -> MailComposer {
        let link = Text(
            .hole(.of(.links), .none), .literal("/"), .hole(.of(.requestLanguage), .url), .literal("/reset?token="),
            .hole(.fact("notice.link"), .url),
            .literal("&email="), .hole(.fact("account.email"), .url))
        let template = MailTemplate(
            link: link, subject: ["en": subject, "es": .literal("Hola")],
            text: ["en": Text(.literal("Go: "), .hole(.of(.link), .none)), "es": Text(.literal("Aquí: "), .hole(.of(.link), .none))],
            html: [
                "en": Text(
                    .literal("<a href=\""), .hole(.of(.link), .html), .literal("\">"), .hole(.fact("account.email"), .html),
                    .literal("</a>"))
            ])
        return MailComposer(
            Sample.dialect(languages: Sample.languages(["en", "es"]), texts: ["en": [:], "es": [:]], mails: [.reset: template]),
            links: "https://a.example", from: from)
    }

    private func notice(_ kind: NoticeKind = .reset, language: String = "en", email: String = "a+'b@example.com") -> Notice {
        let facts = Facts(account: Sample.account(email: email), notice: NoticeFacts(kind: kind, link: "f00", lifetime: .seconds(3600)))
        return Notice(id: "n-1", facts: facts, recipient: "ana@example.com", language: language, at: Instant(seconds: 1_700_000_000))
    }

    @Test func `a notice becomes a mail in its language, its link built from configuration`() {
        let mail = composer().message(for: notice())
        #expect(mail?.text == "Go: https://a.example/en/reset?token=f00&email=a%2B%27b%40example.com")
        #expect(mail?.html == "<a href=\"https://a.example/en/reset?token=f00&amp;email=a%2B%27b%40example.com\">a+'b@example.com</a>")
        #expect(mail?.to.spelling == "ana@example.com")
        #expect(mail?.sentAt == 1_700_000_000)
        let spanish = composer().message(for: notice(language: "es"))
        #expect(spanish?.subject == "Hola")
        #expect(spanish?.html == nil)
        #expect(composer().message(for: notice(language: "fr"))?.language == "en")
    }

    @Test func `nothing can add a header`() {
        let subject = Text(.hole(.fact("account.email"), .none))
        let mail = composer(subject: subject).message(for: notice(email: "a\r\nBcc: x@example.com\u{0}"))
        #expect(mail?.subject == "a Bcc: x@example.com ")
    }

    @Test(arguments: [
        ("Ana\r\n\r\nYour code is 1", "Ana Your code is 1"),
        ("Ana\u{2028}x\u{2029}y\u{85}z", "Ana x y z"),
        ("\u{1B}[2Jx\u{7F}\u{0}\t.", " [2Jx ."),
        ("\u{202E}moc.live\u{202C} \u{2066}a\u{2069}", " moc.live   a "),
        ("Zoë \u{5E9}\u{200F}!\u{1F469}\u{200D}\u{1F4BB}", "Zoë \u{5E9}\u{200F}!\u{1F469}\u{200D}\u{1F4BB}"),
    ])
    func `what somebody typed stays one line of a mail, and the link has it to the byte`(typed: String, shown: String) throws {
        let name = Reference.fact("account.email")
        let template = MailTemplate(
            link: Text(.literal("/?"), .hole(name, .url)), subject: ["en": Text(.say("hello", .none))],
            text: ["en": Text(.say("hello", .none), .literal("\r\n\n"), .hole(.of(.link), .none))],
            html: ["en": Text(.literal("<p>"), .hole(name, .html), .literal("\n</p>"))])
        let hello = Text(.literal("Hi "), .hole(name, .none), .literal("!"))
        let composer = MailComposer(
            Sample.dialect(texts: ["en": ["hello": hello]], mails: [.reset: template]), links: "", from: "noreply@example.com")
        let mail = try #require(composer.message(for: notice(email: typed)))
        #expect(mail.subject == "Hi \(shown)!")
        #expect(mail.text == "Hi \(shown)!\r\n\n/?\(Escape.url(typed))")
        #expect(mail.html == "<p>\(shown)\n</p>")
    }

    @Test func `what has no words or no address is no mail`() {
        #expect(composer().message(for: notice(.loginCode)) == nil)
        #expect(composer(from: "nobody").message(for: notice()) == nil)
    }
}
