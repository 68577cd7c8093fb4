import Identity

extension DialectSchema {
    static let policy = MapShape(
        "policy",
        [
            .init(
                "login",
                .either([
                    .choice(["password"]),
                    .map(MapShape("a login with a code", [.init("then-code", .map(code), .required, "a mailed code follows")])),
                ]),
                .standard("password"), "how people sign in"),
            .init("confirmation", .either([.choice(["none"]), .map(confirmation)]), .standard("none"), "how an address is proved"),
            .init("login-waits", .bool, .standard("false"), "unconfirmed accounts cannot sign in"),
            .init(
                "unconfirmed-login-remails-after", anyDuration, .optional,
                "a login refused as unconfirmed mails a fresh proof, this long after the last"),
            .init("registration", .map(registration), .standard("{}"), "what registration does besides"),
            .init("reset", .map(reset), .standard("{}"), "how a password is reset"),
            .init("existence", choice(Policy.Existence.self), .standard("reveal"), "whether answers tell which accounts exist"),
            .init("reveals", .list(choice(Policy.Revealing.self)), .standard("[]"), "operations that tell an unknown account"),
            .init("email-change", choice(Policy.EmailChange.self), .standard("refused"), "how an address is changed"),
            .init("deletion", choice(Policy.Deletion.self), .standard("keeps-identifiers"), "what a deletion leaves"),
            .init("renewal", .either([.choice(["none", "static"]), .map(renewal)]), .standard("none"), "how a token is renewed"),
            .init("logout-ends", choice(Policy.LogoutEnds.self), .standard("session"), "what logout ends"),
            .init(
                "password-change-ends", choice(Policy.PasswordChangeEnds.self), .standard("other-sessions"),
                "what a change of password ends"),
            .init(
                "password-changed-mail", choice(Policy.PasswordChangedMail.self), .standard("always"),
                "after which changes of a password the mail `password-changed` is sent"),
            .init("guesses", .map(guesses), .standard("{}"), "how many wrong guesses"),
            .init("mails-per-hour", .int(1...1000), .standard("5"), "mails of a kind per account, and per address"),
        ])

    static let code = MapShape(
        "a code",
        [
            .init("digits", .int(4...10), .standard("6"), "how many digits"),
            .init("leading-zero", .bool, .standard("true"), "whether the first may be zero"),
            .init("minutes", .range(1...1440), .standard("10"), "its life; of a range a whole minute is drawn for each code"),
            .init("tries", .int(1...100), .standard("5"), "wrong tries after which it is void"),
        ])

    static let link = MapShape(
        "a link",
        [
            .init("alphabet", choice(LinkPolicy.Alphabet.self), .standard("hex"), "of what its token is made"),
            .init("length", .int(16...256), .standard("64"), "how many characters"),
            .init("lifetime", anyDuration, .standard("1h"), "its life"),
            .init("repeats", anyDuration, .optional, "a used link is answered again as at first for this long"),
        ])

    static let confirmation = MapShape(
        "a confirmation",
        [
            .init("code", .map(code), .optional, "by a mailed code"),
            .init("link", .map(link), .optional, "by a mailed link"),
        ])

    static let registration = MapShape(
        "registration",
        [
            .init("signs-in", .bool, .standard("false"), "gives a token"),
            .init("api-key", .bool, .standard("false"), "gives an API key"),
            .init("sends-login-code", .bool, .standard("false"), "mails a login code"),
            .init("hides-all", .bool, .standard("false"), "under `existence: hide` answers `registration-pending`"),
        ])

    static let reset = MapShape(
        "reset",
        [
            .init("link", .map(link), .standard("{}"), "the mailed link"),
            .init("confirms", .bool, .standard("false"), "it proves the address"),
            .init("link-first", .bool, .standard("false"), "the link is judged before the rules"),
            .init("gap", anyDuration, .optional, "asked again within it, `too-soon`"),
            .init("needs-email", .bool, .standard("false"), "the e-mail must be sent too"),
        ])

    static let renewal = MapShape(
        "a renewal",
        [
            .init(
                "rotating",
                .map(MapShape("a rotating renewal", [.init("grace", anyDuration, .standard("10s"), "the same answer again within it")])),
                .optional, "each refresh token once"),
            .init(
                "reissue",
                .either([
                    .choice(["while-valid"]),
                    .map(MapShape("a window of reissue", [.init("window", anyDuration, .required, "after issue")])),
                ]),
                .optional, "from the access token itself"),
        ])

    static let guesses = MapShape(
        "guesses",
        [
            .init("failures", .int(1...10_000), .standard("10"), "failed logins per account name in the window"),
            .init("window", anyDuration, .standard("15m"), "the window, and the wait after it"),
            .init("failures-per-address", .int(1...1_000_000), .standard("100"), "failed logins per client address"),
            .init("code-tries-per-day", .int(1...10_000), .standard("20"), "wrong codes per account"),
        ])

    static let credentials = MapShape(
        "credentials",
        [
            .init("kinds", .list(choice(CredentialKind.self)), .standard("[bearer]"), "what counts where a route says nothing"),
            .init("api-key-header", .text, .optional, "the header of API keys"),
            .init("key-wins", .bool, .standard("false"), "of key and bearer the key alone is judged"),
            .init("foreign-keys", names, .standard("[]"), "prefixes of an upstream's keys"),
        ])

    static let apiKeys = MapShape(
        "api-keys",
        [
            .init("prefix", .text, .required, "what a key begins with"),
            .init("hex", .int(32...128), .standard("64"), "lower-case hex digits behind it"),
        ])

    static let tokens = MapShape(
        "tokens",
        [
            .init("access", .map(token), .required, "the access token"),
            .init("refresh", .map(token), .optional, "the refresh token"),
        ])

    static let token = MapShape(
        "a token",
        [
            .init("algorithm", .choice(["HS256", "RS256"]), .required, "the signature"),
            .init("lifetime", .duration(.seconds(1) ... .seconds(86_400 * 366)), .required, "`exp` − `iat`"),
            .init("header", .table(.scalar, of: "header members"), .required, "exactly these members, in this order"),
            .init("claims", .tree, .required, "the claims, in this order"),
            .init("jti", .either([.choice(["uuid"]), .map(jti)]), .optional, "the form of `$jti`"),
            .init("required", names, .standard("[]"), "claims that must be there on input"),
            .init(
                "leeway", .duration(.zero ... .seconds(60)), .standard("60s"),
                "how far `iat` and `nbf` may lie ahead of this clock; `exp` has none"),
        ])

    static let jti = MapShape(
        "jti",
        [
            .init("hex", .int(16...128), .optional, "lower-case hex digits"),
            .init("alphanumeric", .int(16...128), .optional, "`A-Z a-z 0-9`"),
        ])
}
