import CLibcurl

/// A libcurl handle set up for one SMTP server; it keeps its connection between mails.
///
/// Blocks its caller, and is used by one caller at a time.
final class SMTPConnection {
    // An idle connection older than this is not trusted to be alive; servers close theirs after minutes (RFC 5321, section 4.5.3.2).
    private static let longestIdleSeconds = 60
    private static let isReady = dragoman_curl_start() != 0

    private let easy: UnsafeMutableRawPointer

    /// A handle for the server that `configuration` names, not yet connected.
    ///
    /// - Throws: ``MailFault/unreachable(_:)`` when this libcurl cannot do what is asked of it.
    init(_ configuration: SMTPConfiguration) throws(MailFault) {
        guard Self.isReady, let easy = curl_easy_init() else { throw .unreachable("libcurl does not start") }
        self.easy = easy
        try set(CURLOPT_URL, configuration.url)
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_UPLOAD, 1)
        try set(CURLOPT_MAXAGE_CONN, Self.longestIdleSeconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        try set(CURLOPT_TIMEOUT_MS, configuration.timeout.milliseconds)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        let protection = configuration.protection == .optionalTLS ? CURLUSESSL_TRY : CURLUSESSL_ALL
        try set(CURLOPT_USE_SSL, Int(protection.rawValue))
        if let authorities = configuration.authorities { try set(CURLOPT_CAINFO, authorities) }
        if let user = configuration.user {
            try set(CURLOPT_USERNAME, user)
            try set(CURLOPT_PASSWORD, configuration.password ?? "")
        }
    }

    deinit {
        curl_easy_cleanup(easy)
    }

    /// Sends `mail` and returns when the server has taken it.
    func send(_ mail: [UInt8], from sender: MailAddress, to recipient: MailAddress) throws(MailFault) {
        guard let recipients = curl_slist_append(nil, recipient.spelling) else { throw .unreachable("out of memory") }
        defer { curl_slist_free_all(recipients) }
        try set(CURLOPT_MAIL_FROM, sender.spelling)
        try check(dragoman_curl_set_list(easy, CURLOPT_MAIL_RCPT, recipients))
        try check(dragoman_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(mail.count)))
        var upload = Upload()
        let code = mail.withUnsafeBytes { bytes in
            upload.rest = bytes[...]
            return withUnsafeMutablePointer(to: &upload) { upload in
                dragoman_curl_set_source(easy, readUpload, upload)
                defer { dragoman_curl_set_source(easy, nil, nil) }
                return curl_easy_perform(easy)
            }
        }
        upload.rest = nil
        // The pointer to the recipients must not outlive them.
        dragoman_curl_set_list(easy, CURLOPT_MAIL_RCPT, nil)
        guard let fault = SMTPVerdict(code: code, reply: dragoman_curl_reply(easy), bodyWasRead: upload.wasRead).fault else { return }
        throw fault
    }

    private func set(_ option: CURLoption, _ value: String) throws(MailFault) {
        try check(dragoman_curl_set_string(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(MailFault) {
        try check(dragoman_curl_set_long(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(MailFault) {
        guard code == CURLE_OK else { throw .unreachable("libcurl: \(SMTPVerdict.words(for: code))") }
    }
}

// What is still to be sent of a mail.
private struct Upload {
    var rest: Slice<UnsafeRawBufferPointer>?
    var wasRead = false
}

// Called by libcurl, inside `curl_easy_perform`, with room for `size * count` bytes.
private func readUpload(
    _ room: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ upload: UnsafeMutableRawPointer?
) -> Int {
    guard let room, let upload = upload?.assumingMemoryBound(to: Upload.self), let rest = upload.pointee.rest else { return 0 }
    let next = rest.prefix(size * count)
    UnsafeMutableRawBufferPointer(start: room, count: size * count).copyBytes(from: next)
    upload.pointee.rest = rest.dropFirst(next.count)
    upload.pointee.wasRead = true
    return next.count
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(clamping: components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
