package import Identity

/// One native route: how a request is recognised as an operation, and how its ends are answered.
package struct Route: Sendable {
    /// For tables and metrics: `POST /users/sign_in`.
    package var name: String
    package var methods: [String]
    /// All paths under which it is served, prefixes applied: segments are literals, `{name}` or the locale's place.
    package var paths: [PathPattern]
    package var operation: OperationName
    package var need: PrincipalNeed
    package var kinds: Set<CredentialKind>
    package var roles: [String]?
    /// In the order of the file.
    package var slots: [SlotSource]
    package var rules: [FieldRule]
    package var validation: Validation
    /// What `$errors` calls a rule (`missing_field`), by the rule's name; `default` for the rest, else the rule's own name.
    package var codes: [String: String] = [:]
    package var outcomes: [Outcome: Answer]
    /// This route's own words; they beat an operation's, which beat the general ones.
    package var failures: [FailureKind: AnswerPart]
    /// The body field (`_method`) by which a form POST may ask for this route's method.
    package var methodField: String?
    /// Literal conditions that tell two routes of one path apart.
    package var discriminators: [Discriminator]
    /// Where it stands in `dialect.yaml`.
    package var place: Place
    /// Its answer to each kind of failure that it can meet, resolved when the dialect was loaded: total.
    package var answers: [FailureKind: Answer]
}

package struct PathPattern: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        /// A supported language's code.
        case locale
    }
    package var segments: [Segment]
}

/// Where a slot's value comes from.
package struct SlotSource: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// A path of members below the body's root.
        case body([String])
        case query(String)
        case header(String)
        case cookie(String)
        case path(String)
        case constant(Value)
    }
    package var slot: Slot
    /// The first that has a value wins.
    package var sources: [Source]
    package var wireName: String
    /// A value that fails its rules or type counts as absent.
    package var lenient: Bool
    package var kind: Attribute.Kind
    /// The longest text that a lenient slot keeps, in Unicode scalars.
    package var lenientMax: Int?
}

package struct Discriminator: Sendable, Hashable {
    package var source: SlotSource.Source
    package var literal: String
}

/// A place in a file, counted from 1.
package struct Place: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int
    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
    package static func < (a: Place, b: Place) -> Bool { (a.file, a.line, a.column) < (b.file, b.line, b.column) }
}

/// Who may pass a path that belongs to an upstream.
package struct Guard: Sendable {
    package enum Allow: Sendable, Hashable {
        case anyone
        case signedIn
        case roles([String])
        case confirmed
    }
    package var name: String
    /// Empty: every method.
    package var methods: [String]
    package var paths: [GuardPath]
    package var allow: Allow
    package var kinds: Set<CredentialKind>
    /// Whether a foreign key (`CredentialPolicy.foreignKeyPrefixes`) passes unjudged.
    package var foreignKeys: Bool
    package var upstream: String
    package var countsUsage: Bool
    package var place: Place
    package var answers: [FailureKind: Answer]
}

/// Segments with `*` for one, `name.*` for a name with a suffix, and `**` at the end for any rest, the bare prefix included.
package struct GuardPath: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        /// The name, a dot and anything.
        case suffixed(String)
        case one
        case rest
        case locale
    }
    package var segments: [Segment]
}

/// A named bucket of requests.
package struct Limit: Sendable, Hashable {
    package enum Key: String, Sendable, Hashable, CaseIterable { case address, identifier, account, key }
    package enum Headers: String, Sendable, Hashable, CaseIterable {
        /// `X-RateLimit-Limit`, `-Remaining`, `-Reset` (Unix seconds).
        case xRateLimit = "x-ratelimit"
        /// `RateLimit-Policy`, `-Limit`, `-Remaining`, `-Reset` (seconds left).
        case rateLimit = "ratelimit"
        case none
    }
    package var name: String
    package var by: Key
    package var count: Int
    package var window: Duration
    /// Names of routes (`POST /v1/auth/login`); empty: everything, guarded paths included.
    package var routes: [String]
    package var headers: Headers
    package var refusal: Refusal = .rateLimited

    /// What it is to be over the limit.
    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        case rateLimited = "rate-limited"
        /// As after wrong guesses.
        case locked

        package var kind: FailureKind {
            switch self {
            case .rateLimited: .rateLimited
            case .locked: .locked
            }
        }
    }
}
