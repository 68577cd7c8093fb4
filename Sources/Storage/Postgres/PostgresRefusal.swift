import Identity

/// Why no connection came about, in words for an operator; they hold neither address nor name nor password.
struct PostgresRefusal: Error, Equatable {
    let reason: String

    /// Whether nobody was there to answer; whoever refuses has answered.
    var isSilence: Bool { Self.silences.contains(reason) }

    init(reason: String) { self.reason = reason }

    static let silent = PostgresRefusal(reason: "it does not answer")

    /// Reads libpq's words, which end with a SQLSTATE when the server itself refused.
    init(_ words: String) {
        reason = Self.reason(words)
    }

    private static func reason(_ words: String) -> String {
        let line = words.split(separator: "\n").last.map(String.init) ?? ""
        if let code = line.split(separator: " ").last, line.hasSuffix(":  \(code)"), code.count == 5,
            code.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) })
        {
            return refusals[String(code)] ?? "it refuses the connection (PostgreSQL \(code))"
        }
        return signs.first { words.contains($0.sign) }?.reason ?? "it cannot be reached"
    }

    private static let silences: Set = [
        silent.reason, "it cannot be reached", "nobody listens there", "no network leads there", "its host name is unknown",
    ]

    private static let refusals = [
        "28P01": "it refuses the user or the password",
        "28000": "it lets this user in from here by no way (its pg_hba.conf), or has no such user",
        "3D000": "it has no database of this name",
        "42501": "the user may not connect to this database",
        "53300": "it has no connection left for us",
        "57P03": "it is starting up or shutting down",
        "57P01": "it is shutting down",
        "57P02": "it is shutting down",
    ]

    /// What libpq says when the server did not come to speak.
    private static let signs: [(sign: String, reason: String)] = [
        ("no password supplied", "it wants a password and was given none"),
        ("session is read-only", "it cannot be written: it is a standby, or read-only"),
        ("server is in hot standby mode", "it is a standby"),
        ("could not translate host name", "its host name is unknown"),
        ("could not parse network address", "its address is not one"),
        ("server does not support SSL", "it does not speak TLS, which the address asks for"),
        ("root certificate file", "the file of sslrootcert is not there or cannot be read"),
        ("private key file", "the file of sslkey cannot be used: it has to be its owner's alone, and the key of sslcert"),
        ("certificate file", "the file of sslcert cannot be used"),
        ("certificate verify failed", "its certificate is not trusted"),
        ("does not match host name", "its certificate is for another host"),
        ("SSL", "TLS with it failed"),
        ("Connection refused", "nobody listens there"),
        ("No such file or directory", "nobody listens there"),
        ("timed out", "it does not answer"),
        ("timeout expired", "it does not answer"),
        ("No route to host", "no network leads there"),
        ("Network is unreachable", "no network leads there"),
        ("invalid", "a value in its address is not one that PostgreSQL knows"),
    ]
}

extension StoreError {
    init(_ refusal: PostgresRefusal) { self = .unavailable("the database server: \(refusal.reason)") }
}
