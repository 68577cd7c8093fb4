import Identity

extension DialectSchema {
    /// A rule's name alone, or a map of one rule and its parameter, with `say` beside.
    static let rule: SchemaType = .either([.choice(ruleNames.filter { !parametrised.contains($0) }), .map(ruleShape)])

    package static let ruleNames = [
        "required", "filled", "string", "email", "min", "max", "pattern", "patterns", "one-of", "date", "before", "after", "digits", "same",
        "confirmed", "unique", "exists", "current", "uncommon", "assignable",
    ]
    private static let parametrised: Set<String> = ["min", "max", "pattern", "patterns", "one-of", "before", "after", "digits", "same"]

    static let ruleShape = MapShape(
        "a rule",
        [
            .init("email", .choice(["true", "dotted"]), .optional, "an address; `dotted` asks for a dot in the domain"),
            .init("min", .int(0...1_000_000), .optional, "the fewest characters"),
            .init("max", .int(0...1_000_000), .optional, "the most characters"),
            .init("pattern", .text, .optional, "matched in linear time"),
            .init("patterns", names, .optional, "all must match; one message"),
            .init("one-of", names, .optional, "byte for byte one of these"),
            .init("before", .choice(["today"]), .optional, "a date before today"),
            .init("after", .text, .optional, "a date after this one"),
            .init("digits", .int(1...100), .optional, "exactly this many digits"),
            .init("same", .text, .optional, "equal to this slot"),
            .init("confirmed", .choice(["true", "if-present"]), .optional, "equal to `password_confirmation`"),
        ]
            + ["required", "filled", "string", "date", "unique", "exists", "current", "uncommon", "assignable"].map {
                .init($0, .choice(["true"]), .optional, "as without a map, for a `say` beside it")
            }
            + [
                .init("use", .text, .optional, "the list of that name from the top-level `rules`"),
                .init("say", .text, .optional, "the message's key"),
            ])

    static let validation = MapShape(
        "validation",
        [
            .init("order", choice(Validation.Order.self), .standard("together"), "all rules at once, or what is missing first"),
            .init("wrong-type", choice(Validation.WrongType.self), .standard("only"), "what a value of another JSON type is"),
            .init("report", choice(Validation.Report.self), .standard("all"), "how many problems are told"),
        ])

    static let source: SchemaType = .either([.text, names, .map(sourceShape)])

    static let sourceShape = MapShape(
        "a source",
        [
            .init("from", .either([.text, names]), .required, "where the value is taken from"),
            .init("as", .text, .optional, "how errors name it"),
            .init("lenient", .bool, .standard("false"), "a wrong type or an overlong text counts as absent"),
            .init("max", .int(1...1_000_000), .optional, "the longest text that a lenient source keeps"),
        ])

    package static let route = MapShape(
        "a route",
        [
            .init("operation", .text, .required, "what is asked of the engine"),
            .init("name", .text, .optional, "for tables and limits; `METHOD /path` unless said"),
            .init("take", .table(source, of: "slots"), .standard("{}"), "slot → source"),
            .init("give", .table(.scalar, of: "slots"), .standard("{}"), "slot → constant"),
            .init(
                "rules",
                .either([.table(.either([rule, .list(rule)]), of: "slots"), .list(.pair(.either([rule, .list(rule)]), of: "slot"))]),
                .standard("{}"), "slot → rules"),
            .init("codes", .table(.text, of: "codes"), .standard("{}"), "rule name → code"),
            .init("validation", .map(validation), .optional, "how rules are run and told"),
            .init("caller", choice(PrincipalNeed.self), .optional, "the operation's own unless said"),
            .init("credentials", .list(choice(CredentialKind.self)), .optional, "the dialect's unless said"),
            .init("roles", names, .optional, "who may; any unless said"),
            .init("aliases", names, .standard("[]"), "further paths"),
            .init("under", names, .optional, "base paths; all unless said"),
            .init("method-field", .text, .optional, "a form POST with this field set to the route's method is this route"),
            .init("when", .table(.text, of: "sources"), .standard("{}"), "tells two routes of one path apart"),
            .init("failures", .map(routeFailures), .standard("{}"), "this route's own words"),
        ] + Outcome.allCases.map { .init($0.rawValue, answer, .optional, "the answer to this outcome") })

    static let answer: SchemaType = .either([.map(answerShape("an answer", [])), .list(.map(answerShape("a variant", [whenKey])))])

    static let whenKey = MapShape.Key("when", .map(conditions), .optional, "all must hold; the last variant has none")

    static func answerShape(_ name: String, _ more: [MapShape.Key]) -> MapShape {
        MapShape(
            name,
            [
                .init("status", .int(200...599), .optional, "the HTTP status"),
                .init("say", .text, .optional, "message key or reference; becomes `$message`"),
                .init("code", .scalar, .optional, "literal or reference; becomes `$code`"),
                .init("body", .tree, .optional, "becomes `$body`"),
                .init("envelope", .text, .optional, "a name from `envelopes`, or `none`"),
                .init("beside", .tree, .optional, "members behind the envelope's own"),
                .init("headers", .table(.text, of: "headers"), .optional, "header name → text"),
                .init("cookies", .table(.map(cookie), of: "cookies"), .optional, "cookie name → cookie"),
                .init("text", .text, .optional, "message key: `text/plain`"),
                .init("page", .text, .optional, "a page from `pages/`"),
                .init("redirect", .text, .optional, "where to, as a text"),
            ] + more)
    }

    static let cookie = MapShape(
        "a cookie",
        [
            .init("value", .text, .required, "a text"),
            .init("path", .text, .standard("/"), "the path"),
            .init("max-age", anyDuration, .optional, "its life; until the browser closes unless said"),
            .init("http-only", .bool, .standard("true"), "hidden from scripts"),
            .init("secure", .bool, .standard("true"), "sent over TLS only"),
            .init("same-site", .choice(["Strict", "Lax", "None"]), .standard("Lax"), "which requests carry it"),
        ])

    static let conditions = MapShape(
        "conditions",
        [
            .init("accept", .text, .optional, "some range of `Accept` names this type itself"),
            .init("accept-only", .text, .optional, "every range of `Accept` names this type"),
            .init("content-type", .text, .optional, "of the request"),
            .init(
                "header",
                .map(MapShape("a header", [.init("name", .text, .required, "its name"), .init("is", .text, .required, "its value")])),
                .optional, "a literal in a header"),
            .init("slot", .text, .optional, "the slot was sent with a value"),
        ])

    /// Answers by kind of failure, with `at` for operations.
    package static let failures = MapShape(
        "failures",
        FailureKind.allCases.map { .init($0.rawValue, generalFailure, .optional, "the answer to this kind and those below it") })

    static let routeFailures = MapShape(
        "failures",
        FailureKind.allCases.map { .init($0.rawValue, answer, .optional, "the answer to this kind and those below it") })

    static let generalFailure: SchemaType = .either([
        .map(
            answerShape(
                "an answer",
                [
                    .init(
                        "at",
                        .map(
                            MapShape(
                                "operations", OperationName.allCases.map { .init($0.rawValue, answer, .optional, "at this operation") })),
                        .optional, "operation → answer")
                ])),
        .list(.map(answerShape("a variant", [whenKey]))),
    ])

    static let mails = MapShape(
        "mails",
        NoticeKind.allCases.map {
            .init(
                $0.rawValue,
                .map(
                    MapShape(
                        "a mail",
                        [
                            .init("link", .text, .optional, "what `{link}` stands for"),
                            .init("subject", .text, .optional, "message key; `mail.KIND.subject` unless said"),
                            .init("like", choice(NoticeKind.self), .optional, "whose files to use"),
                        ])), .optional, "this mail")
        })

    static let guarding = MapShape(
        "a guard",
        [
            .init("name", .text, .optional, "for tables; methods and first path unless said"),
            .init("paths", names, .required, "`*` is one segment, `**` at the end any rest"),
            .init("methods", names, .standard("[]"), "all unless said"),
            .init("under", names, .optional, "base paths; all unless said"),
            .init(
                "allow",
                .either([
                    .choice(["anyone", "signed-in", "confirmed"]),
                    .map(MapShape("roles", [.init("roles", names, .required, "any of these")])),
                ]), .required, "who may pass"),
            .init("credentials", .list(choice(CredentialKind.self)), .optional, "the dialect's unless said"),
            .init("foreign-keys", .bool, .standard("false"), "an upstream's keys pass unjudged"),
            .init("upstream", .text, .standard("app"), "where to"),
            .init("counts-usage", .bool, .standard("false"), "counts and limits the account's usage"),
            .init("failures", .map(routeFailures), .standard("{}"), "this guard's own words"),
        ])

    static let limit = MapShape(
        "a limit",
        [
            .init("name", .text, .required, "the bucket"),
            .init("by", choice(Limit.Key.self), .required, "who is counted"),
            .init("count", .int(1...1_000_000_000), .required, "how many requests"),
            .init("window", .duration(.seconds(1) ... .seconds(86_400 * 31)), .required, "in what time"),
            .init("routes", names, .standard("[]"), "names of routes; everything unless said"),
            .init("headers", choice(Limit.Headers.self), .standard("none"), "what answers tell of it"),
            .init("refusal", choice(Limit.Refusal.self), .standard("rate-limited"), "the failure that it is to be over it"),
        ])

    static let cors = MapShape(
        "cors",
        [
            .init("origins", names, .required, "origins; the deployment's own replace them"),
            .init("credentials", .bool, .standard("false"), "with credentials"),
            .init("methods", names, .required, "methods"),
            .init("headers", names, .standard("[]"), "request headers; as asked unless said"),
            .init("expose", names, .standard("[]"), "answer headers that scripts see"),
            .init("max-age", anyDuration, .optional, "how long a preflight holds"),
        ])
}
