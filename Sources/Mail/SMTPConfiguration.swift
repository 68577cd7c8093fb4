/// Where the mail server is, how far it is trusted and who we are to it.
package struct SMTPConfiguration: Sendable, Hashable {
    /// How a connection is protected.
    package enum Protection: Sendable, Hashable {
        /// STARTTLS when the server offers it, else plain text.
        case optionalTLS
        /// STARTTLS, or no mail.
        case requiredTLS
        /// TLS from the first byte (`smtps`).
        case implicitTLS
    }

    /// A host name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    /// The port; unless given 25 for `smtp` and 465 for `smtps`.
    package let port: UInt16
    /// How the connection is protected.
    package let protection: Protection
    /// The user to log in as; nil sends without a login.
    package let user: String?
    /// The user's password.
    package let password: String?
    /// A PEM file of the authorities that may sign the server's certificate; nil takes the system's.
    package let authorities: String?
    /// How long a connection may take to come about, 10 s unless given.
    package let connectTimeout: Duration
    /// How long one mail may take in all, connection included, 30 s unless given.
    package let timeout: Duration

    /// Reads `smtp://[user@]host[:port][?starttls=required|optional]` or `smtps://[user@]host[:port]`.
    ///
    /// Certificates are always verified. A password for a host that is not this machine makes STARTTLS required, since anyone between could
    /// otherwise strip it away and read the password; `?starttls=optional` says otherwise. A password in the URL is refused: URLs get logged.
    ///
    /// - Throws: ``MailFault/invalid(_:)`` saying what is wrong, without the URL.
    package init(
        url: String,
        user: String? = nil,
        password: String? = nil,
        authorities: String? = nil,
        connectTimeout: Duration = .seconds(10),
        timeout: Duration = .seconds(30)
    ) throws(MailFault) {
        let address = try Address(url)
        let user = user ?? address.user
        guard password == nil || user != nil else { throw .invalid("mail server: a password needs a user") }
        for secret in [user, password] where secret?.utf8.contains(0) == true {
            throw .invalid("mail server: user and password cannot hold NUL")
        }
        host = address.host
        port = address.port
        self.user = user
        self.password = password
        self.authorities = authorities
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        switch (address.isSecure, address.startTLS) {
        case (true, nil): protection = .implicitTLS
        case (true, _): throw .invalid("mail server: smtps has no starttls")
        case (false, "required"): protection = .requiredTLS
        case (false, "optional"): protection = .optionalTLS
        case (false, nil): protection = password != nil && !address.isThisMachine ? .requiredTLS : .optionalTLS
        case (false, _): throw .invalid("mail server: starttls is required or optional")
        }
    }

    /// The URL for libcurl, made from checked pieces alone.
    var url: String {
        "\(protection == .implicitTLS ? "smtps" : "smtp")://\(host):\(port)"
    }
}

extension SMTPConfiguration {
    // The pieces of the URL.
    private struct Address {
        let isSecure: Bool
        let user: String?
        let host: String
        let port: UInt16
        let startTLS: String?

        init(_ url: String) throws(MailFault) {
            let (prefix, rest) = Self.cut(url[...], at: "://")
            guard let rest, prefix == "smtp" || prefix == "smtps" else { throw .invalid("mail server: not an smtp:// or smtps:// URL") }
            isSecure = prefix == "smtps"
            let (place, query) = Self.cut(rest, at: "?")
            startTLS = try query.map { query throws(MailFault) in
                guard query.hasPrefix("starttls=") else { throw .invalid("mail server: the only parameter is starttls") }
                return String(query.dropFirst("starttls=".count))
            }
            var authority = place.hasSuffix("/") ? place.dropLast() : place
            user = try Self.takeUser(&authority)
            (host, port) = try Self.hostAndPort(authority, otherwise: isSecure ? 465 : 25)
        }

        var isThisMachine: Bool {
            host == "localhost" || host == "[::1]" || (host.hasPrefix("127.") && host.utf8.allSatisfy { "0123456789.".utf8.contains($0) })
        }

        private static func takeUser(_ authority: inout Substring) throws(MailFault) -> String? {
            guard let at = authority.lastIndex(of: "@") else { return nil }
            let encoded = authority[..<at]
            authority = authority[authority.index(after: at)...]
            guard !encoded.contains(":") else { throw .invalid("mail server: the password does not belong in the URL") }
            guard let user = percentDecoded(encoded), !user.isEmpty else { throw .invalid("mail server: the user cannot be read") }
            return user
        }

        private static func hostAndPort(_ authority: Substring, otherwise port: UInt16) throws(MailFault) -> (String, UInt16) {
            var host = authority
            var port = port
            let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
            if let colon = authority[bracket...].lastIndex(of: ":") {
                guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                    throw .invalid("mail server: the port is not a number from 1 to 65535")
                }
                port = number
                host = authority[..<colon]
            }
            guard isHost(host) else { throw .invalid("mail server: the host is not a name or an address") }
            return (String(host), port)
        }

        private static func isHost(_ host: Substring) -> Bool {
            if host.hasPrefix("["), host.hasSuffix("]") {
                return host.count > 3 && host.dropFirst().dropLast().utf8.allSatisfy { $0.isLetterOrDigit || ":.".utf8.contains($0) }
            }
            return !host.isEmpty && host.utf8.count <= 253 && host.utf8.allSatisfy { $0.isLetterOrDigit || "-._".utf8.contains($0) }
        }

        private static func cut(_ text: Substring, at mark: String) -> (Substring, Substring?) {
            let parts = text.split(separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count == 2 ? parts[1] : nil)
        }

        private static func percentDecoded(_ text: Substring) -> String? {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    bytes.append(byte)
                    continue
                }
                guard let high = rest.popFirst(), let low = rest.popFirst(), let value = UInt8(high: high, low: low) else { return nil }
                bytes.append(value)
            }
            return String(validating: bytes, as: UTF8.self)
        }
    }
}

extension SMTPConfiguration: CustomStringConvertible, CustomReflectable {
    /// Never shows the password.
    package var description: String { url }

    package var customMirror: Mirror { Mirror(self, children: ["url": url, "protection": protection]) }
}
