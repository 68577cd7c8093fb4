import CLibcurl

/// What a try to send came to, judged by libcurl's code and the server's last reply.
struct SMTPVerdict {
    // Replies that are about us and not about the mail: closing, authentication required or failed, encryption needed.
    private static let repliesAboutUs: Set<Int> = [421, 454, 530, 534, 535, 538]

    /// libcurl's own verdict.
    let code: CURLcode
    /// The server's last reply, 0 when there was none.
    let reply: Int
    /// Whether the server had asked for the mail's text.
    let bodyWasRead: Bool

    /// The fault, nil when the server took the mail.
    ///
    /// A refusal counts against the mail only when it answers MAIL, RCPT, DATA or the end of the text. One that answers our greeting or
    /// our login would hit every mail alike, so it is no reason to give any of them up.
    var fault: MailFault? {
        if code == CURLE_OK { return nil }
        guard isAnswerToMail, !Self.repliesAboutUs.contains(reply) else {
            let last = reply >= 400 ? ", it answered \(reply)" : ""
            return .unreachable("the mail server: \(Self.words(for: code))\(last)")
        }
        return reply < 500 ? .temporary("the mail server answered \(reply)") : .permanent("the mail server answered \(reply)")
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
}
