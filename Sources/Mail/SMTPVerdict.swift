import CLibcurl

/// What a try to send came to, judged by libcurl's code and the server's last reply.
struct SMTPVerdict {
    // Replies that are about us and end no mail, though 5xx: authentication required or failed, encryption needed. To a mail some servers
    // give them for some recipients only.
    private static let refusalsOfUs: Set<Int> = [530, 534, 535, 538]

    // What libcurl says of a connection that broke off or fell silent.
    private static let breaks: Set<UInt32> = [
        CURLE_SEND_ERROR.rawValue, CURLE_RECV_ERROR.rawValue, CURLE_GOT_NOTHING.rawValue, CURLE_OPERATION_TIMEDOUT.rawValue,
    ]

    // What a server that goes on answers EHLO, MAIL and RCPT with (250 to 252), and DATA.
    private static let consents: Set<Int> = [250, 251, 252, 354]

    /// libcurl's own verdict.
    let code: CURLcode
    /// The server's last reply, 0 when there was none.
    let reply: Int
    /// Whether the server had asked for the mail's text.
    let bodyWasRead: Bool

    /// The fault, nil when the server took the mail.
    ///
    /// A reply counts against the mail only when it answers MAIL, RCPT, DATA or the end of the text. One that answers our greeting or our login
    /// would hit every mail alike, so it is no reason to give any of them up. Whatever comes once the mail is under way, 421 and a
    /// connection that breaks off included, is this mail's own trouble: whoever registers an address decides how its server answers.
    var fault: MailFault? {
        if code == CURLE_OK { return nil }
        if isAnswerToMail {
            let reason = "the mail server answered \(reply)"
            return reply < 500 || Self.refusalsOfUs.contains(reply) ? .temporary(reason) : .permanent(reason)
        }
        let reason = "the mail server: \(Self.words(for: code))"
        if brokeOffInMail { return .temporary(reason) }
        return .unreachable(reply >= 400 ? "\(reason), it answered \(reply)" : reason)
    }

    /// libcurl's constant words for `code`; they never hold anything of the mail or the login.
    static func words(for code: CURLcode) -> String {
        curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }

    private var isAnswerToMail: Bool {
        guard (400..<600).contains(reply) else { return false }
        // libcurl says "send error" when MAIL, RCPT or DATA is refused, and reads no text then; "weird reply" (before 7.80 "receive
        // error") when the end of the text is, but also when the greeting is, and only the text tells these two apart.
        return code == CURLE_SEND_ERROR || (bodyWasRead && (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR))
    }

    // The consent may have been to EHLO alone, as libcurl does not say to what: then each mail backs off where a pause would have done.
    private var brokeOffInMail: Bool {
        Self.breaks.contains(code.rawValue) && Self.consents.contains(reply)
    }
}
