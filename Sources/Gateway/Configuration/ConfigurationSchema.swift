package import DialectEngine

/// Every key of `config.yaml` with its type, its default and what it means: the check of unknown keys and the JSON Schema come from it.
package enum ConfigurationSchema {
    /// Keys behind which a secret stands, or would, if somebody took one for another.
    static let secrets: Set = ["keys", "access", "older", "password", "store-key"]

    package static let root = MapShape(
        "the configuration",
        [
            .init(
                "profile", .choice(["development", "production"]), .standard("production"),
                "production refuses what is unsafe where strangers come"),
            .init("state", .text, .standard("./state"), "the folder of the store, generated keys and the mailbox; made at the first start"),
            .init("dialects", .text, .standard("./Dialects"), "the folder in which dialects stand"),
            .init(
                "store", .text, .standard("sqlite"),
                "`sqlite` (a file in the state folder), or a PostgreSQL database: `postgres://user:password@host/name`"),
            .init(
                "store-key", .text, .optional,
                "a secret of at least 32 bytes, the same on every instance, that seals the generated keys in a store which instances share"),
            .init("management", .text, .standard("127.0.0.1:9901"), "the address of /healthz, /readyz and /metrics"),
            .init("mail", .map(mail), .standard("{}"), "how mails leave"),
            .init("frontends", .table(.map(frontend), of: "frontends"), .required, "the APIs to serve, by names of your own"),
            .init("trusted-proxies", .list(.text), .standard("[]"), "addresses or ranges whose X-Forwarded-For is believed"),
        ])

    static let mail = MapShape(
        "mail",
        [
            .init(
                "transport", .text, .standard("mailbox"),
                "`mailbox` (files under the state folder), or `smtp://host:port`, `smtps://user@host`"),
            .init("password", .text, .optional, "the password of the mail server's user"),
            .init("from", .text, .standard("noreply@localhost"), "the sender, where a frontend names none"),
        ])

    static let frontend = MapShape(
        "a frontend",
        [
            .init("dialect", .text, .required, "the dialect's folder"),
            .init("listen", .text, .required, "`host:port`; several frontends may share one if host or prefix tells them apart"),
            .init("host", .text, .optional, "the host that clients name; any unless given"),
            .init("prefix", .text, .optional, "the path under which it is served, such as `/shop`"),
            .init("realm", .text, .optional, "whose accounts; the frontend's own name unless given"),
            .init("keys", .map(keys), .standard("{}"), "what signs its tokens"),
            .init("public", .text, .optional, "the base URL by which clients reach it; made from `listen` unless given"),
            .init("links", .text, .optional, "where the links in mails point; the public base URL unless given"),
            .init("mail", .map(sender), .standard("{}"), "its mails"),
            .init("cors", .map(cors), .optional, "which origins browsers may come from; the dialect's own unless given"),
            .init(
                "upstreams", .table(.either([.text, .list(.text), .map(upstream)]), of: "upstreams"), .standard("{}"),
                "by the names that the dialect's guards use: `http://host:port`, a list of such to be called in turn, or a map"),
            .init("settings", .table(.scalar, of: "settings"), .standard("{}"), "what the dialect lets a deployment choose"),
            .init("seed", .list(.table(.scalar, of: "slots")), .standard("[]"), "accounts that an empty realm begins with"),
        ])

    static let keys = MapShape(
        "keys",
        [
            .init(
                "access", .text, .optional, "an HS256 secret of at least 32 bytes, or `file:key.pem` for RS256; generated once unless given"
            ),
            .init(
                "older", .either([.text, .list(.text)]), .standard("[]"),
                "what `access` was before: signs no more, and its tokens count for as long as it stands here"),
            .init("rsa-bits", .choice(["2048", "3072", "4096"]), .standard("2048"), "the size of an RSA key that is generated"),
        ])

    static let upstream = MapShape(
        "an upstream",
        [
            .init("url", .either([.text, .list(.text)]), .required, "`http://host:port`, or a list of such to be called in turn"),
            .init("connect-timeout", span(60), .standard("2s"), "how long a connection may take to be made"),
            .init("answer-timeout", span(3600), .standard("30s"), "how long the answer may take to begin, once the request is sent"),
            .init("idle-timeout", span(86_400), .standard("60s"), "how long an answer may pause"),
            .init("stream-timeout", span(86_400), .standard("1h"), "how long a WebSocket or an event stream may pause"),
            .init("preserve-host", .bool, .standard("false"), "the client's `Host` goes on, instead of the upstream's own"),
            .init(
                "internal-token", .bool, .standard("false"),
                "`X-Dragoman-Token`, signed and of a minute's life, says who is calling; its key is in `/.well-known/jwks.json`"),
            .init("connections", .int(1...65_536), .standard("512"), "how many connections each event loop may have"),
        ])

    private static func span(_ seconds: Int) -> SchemaType { .duration(.seconds(1) ... .seconds(seconds)) }

    static let sender = MapShape("mail", [.init("from", .text, .optional, "the sender")])

    static let cors = MapShape(
        "cors",
        [
            .init("origins", .list(.text), .required, "`https://app.example.com`, or `*` alone for any"),
            .init("credentials", .bool, .optional, "whether cookies and Authorization may come along; never with `*`"),
        ])
}
