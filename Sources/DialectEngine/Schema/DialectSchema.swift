import Identity

/// Every key of `dialect.yaml` with its type, whether it must be there, and what it means: the one table from which the check of
/// unknown keys, the JSON Schema and the test of `Dialects/README.md` come.
package enum DialectSchema {
    package static let root = MapShape(
        "the dialect",
        [
            .init("dialect", .text, .required, "the folder's own name"),
            .init("version", .int(1...1), .required, "of the language: 1"),
            .init("title", .text, .required, "for people"),
            .init("extends", .text, .optional, "another dialect whose keys this one takes over"),
            .init("remove", names, .standard("[]"), "dotted keys or routes of the other dialect that are not taken over"),
            .init("base-paths", names, .standard("[\"\"]"), "prefixes under which every route is served"),
            .init("locale-paths", .bool, .standard("false"), "each also with a language's code behind it"),
            .init("languages", .map(languages), .required, "the languages, and who chooses"),
            .init("headers", .table(.text, of: "headers"), .standard("{}"), "sent with every answer"),
            .init("settings", .table(.map(setting), of: "settings"), .standard("{}"), "what a deployment may adjust"),
            .init("accept", .map(accept), .required, "how bodies are read"),
            .init("account", .map(account), .required, "what an account is"),
            .init("policy", .map(policy), .standard("{}"), "what the engine does"),
            .init("credentials", .map(credentials), .standard("{}"), "what a caller may show"),
            .init("api-keys", .map(apiKeys), .optional, "the form of API keys"),
            .init("tokens", .map(tokens), .required, "how tokens are written"),
            .init("enums", .table(.table(.scalar, of: "words"), of: "tables"), .standard("{}"), "the tables of `enum:`"),
            .init("views", .table(.tree, of: "views"), .standard("{}"), "named bodies"),
            .init("envelopes", .table(.tree, of: "envelopes"), .standard("{}"), "what stands around bodies"),
            .init("rules", .table(.list(rule), of: "lists of rules"), .standard("{}"), "named lists of rules"),
            .init("codes", .table(.text, of: "codes"), .standard("{}"), "rule name → code for `$errors.*.code`, `default` for the rest"),
            .init("validation", .map(validation), .standard("{}"), "how rules are run and told"),
            .init("routes", .list(.pair(.map(route), of: "METHOD /path")), .required, "what is served"),
            .init("failures", .map(failures), .required, "the general answers to failures"),
            .init("mails", .map(mails), .standard("{}"), "the mails"),
            .init("guards", .list(.map(guarding)), .standard("[]"), "who may pass to an upstream"),
            .init("limits", .list(.map(limit)), .standard("[]"), "how many requests"),
            .init("cors", .map(cors), .optional, "what browsers may do from elsewhere"),
        ])

    /// Every reference that stands on its own, without its `$`; attributes, slots, settings and fields add theirs.
    package static var references: [String] { ReferenceCompiler.names }
    package static var formatterNames: [String] { ReferenceCompiler.formatterNames }
    /// What the message of a rule may mention.
    package static var ruleParameters: Set<String> { TextCompiler.parameters }

    static let names: SchemaType = .list(.text)
    static let anyDuration: SchemaType = .duration(.zero ... .seconds(86_400 * 3660))
    static func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> SchemaType where Choice.RawValue == String {
        .choice(Choice.allCases.map(\.rawValue))
    }

    static let languages = MapShape(
        "languages",
        [
            .init("default", .text, .required, "the language of those who ask for none"),
            .init("supported", names, .required, "the languages' codes"),
            .init("from", .list(choice(Languages.Source.self)), .standard("[]"), "who decides, in order"),
            .init("name", .text, .standard("lang"), "the cookie's or query parameter's name"),
            .init("announced", .bool, .standard("false"), "answers carry `Content-Language` and `Vary: Accept-Language`"),
        ])

    static let setting = MapShape(
        "a setting",
        [
            .init("type", .choice(["choice", "duration", "int", "bool", "text"]), .required, "the type"),
            .init("of", names, .optional, "for a choice: among what"),
            .init("range", .text, .optional, "for a duration or an int: between what"),
            .init("default", .scalar, .required, "what holds unless a deployment says otherwise"),
            .init("about", .text, .required, "for people"),
        ])

    static let accept = MapShape(
        "accept",
        [
            .init("bodies", .list(choice(BodyPolicy.Kind.self)), .required, "the kinds of bodies"),
            .init("root", .text, .optional, "the member under which the fields stand"),
            .init("limit", .bytes, .standard("1MiB"), "more is `too-large`"),
            .init("malformed", choice(BodyPolicy.Verdict.self), .standard("refuse"), "bad syntax"),
            .init("other-type", choice(BodyPolicy.Verdict.self), .standard("refuse"), "a content type not listed"),
            .init("not-object", choice(BodyPolicy.Verdict.self), .standard("refuse"), "a JSON document that is no object"),
            .init(
                "hostile", choice(BodyPolicy.Verdict.self), .standard("refuse"),
                "duplicate members, too deep, too many, NUL, broken framing"),
            .init(
                "trim", .either([.choice(["none", "all"]), names]), .standard("none"),
                "whose surrounding white space is dropped; never a password's"),
            .init("blank", names, .standard("[]"), "slots where a text of nothing but white space is the empty one"),
        ])

    static let account = MapShape(
        "account",
        [
            .init("id", .either([.choice(["uuid", "serial", "cuid"]), .map(prefixedID)]), .required, "how ids are written"),
            .init("identifiers", .map(identifiers), .required, "the unique names of an account"),
            .init("sign-in-by", .list(choice(IdentifierKind.self)), .standard("[email]"), "what an `identifier` slot may hold"),
            .init("attributes", .table(.map(attribute), of: "attributes"), .standard("{}"), "what the engine keeps without knowing it"),
            .init("roles", .map(roles), .required, "the roles"),
            .init("plans", .map(plans), .optional, "the plans and their limits"),
            .init("password", .map(password), .standard("{}"), "how passwords are kept"),
            .init("newcomer", anyDuration, .standard("24h"), "for `$account.newcomer`"),
        ])

    static let prefixedID = MapShape(
        "an id with a prefix",
        [
            .init("prefix", .text, .required, "what stands before the id"),
            .init("of", .choice(["uuid", "serial", "cuid"]), .required, "the id behind it"),
        ])

    static let identifiers = MapShape(
        "identifiers",
        IdentifierKind.allCases.map { .init($0.rawValue, choice(Folding.self), .optional, "as typed, or with letter case folded") })

    static let attribute = MapShape(
        "an attribute",
        [
            .init("type", choice(Attribute.Kind.self), .required, "the type"),
            .init("write", choice(Attribute.Writer.self), .standard("client"), "who sets it"),
            .init("default", .scalar, .standard("null"), "what an account shows that was never given one"),
        ])

    static let roles = MapShape(
        "roles",
        [
            .init("default", .text, .required, "the role of an account that asked for none"),
            .init("known", names, .required, "all roles"),
            .init("self-assignable", names, .standard("[]"), "what a client may choose"),
            .init("at-registration", names, .standard("[]"), "beside those, at registration"),
            .init("assigners", names, .standard("[]"), "callers of these roles may give any known role"),
        ])

    static let plans = MapShape(
        "plans",
        [
            .init("default", .text, .required, "the plan of a new account"),
            .init("limits", .table(.int(0...1_000_000_000_000), of: "plans"), .required, "plan → usage limit"),
            .init("unlimited", names, .standard("[]"), "plans whose limit is not enforced"),
        ])

    static let password = MapShape(
        "password",
        [
            .init("scheme", .choice(["bcrypt"]), .standard("bcrypt"), "how passwords are hashed"),
            .init("cost", .int(4...31), .standard("12"), "2 to this power rounds"),
            .init("variant", .choice(["2a", "2b", "2y"]), .standard("2b"), "what stored hashes begin with"),
            .init(
                "blocklist", choice(Policy.PasswordPolicy.Blocklist.self), .standard("refuse"), "what happens to the most common passwords"),
        ])
}
