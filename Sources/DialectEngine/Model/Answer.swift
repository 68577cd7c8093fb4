package import Identity

/// How one ending looks on the wire: the first variant whose condition holds; the last has none.
package struct Answer: Sendable {
    package var variants: [AnswerVariant]
}

package struct AnswerVariant: Sendable {
    /// All must hold.
    package var conditions: [AnswerCondition]
    package var status: Int
    package var headers: [HeaderTemplate]
    package var cookies: [CookieTemplate]
    /// What `$message` stands for.
    package var message: Message?
    /// What `$code` stands for.
    package var code: Template?
    package var body: Body

    package enum Body: Sendable {
        case empty
        /// JSON, envelope applied.
        case json(Template)
        /// `text/plain`.
        case text(Message)
        /// `text/html`, by language.
        case page([String: Text])
        case redirect(Text)
    }
}

/// A text by key from the catalogue, or a reference that yields a text.
package enum Message: Sendable {
    case key(String)
    case reference(Reference)
}

package enum AnswerCondition: Sendable, Hashable {
    /// Some range of `Accept` names the type itself, not by a wildcard.
    case accept(String)
    /// `Accept` is there and every range names this type.
    case acceptOnly(String)
    case contentType(String)
    case header(String, is: String)
    /// The slot was sent with a value.
    case slot(Slot)
}

package struct CookieTemplate: Sendable {
    package var name: String
    package var value: Text
    package var path: String
    package var maxAge: Duration?
    package var httpOnly: Bool
    package var secure: Bool
    /// `Strict`, `Lax`, `None`.
    package var sameSite: String
}

/// An answer as written at one kind of failure, before it is merged with its ancestors' words.
package struct AnswerPart: Sendable {
    package var place: Place
    /// Which one of its load it is.
    package var number: Int
    /// Variants of attributes still unmerged; what is nil is inherited.
    package var variants: [Variant]

    package struct Variant: Sendable {
        package var conditions: [AnswerCondition] = []
        package var status: Int?
        package var headers: [HeaderTemplate]?
        package var cookies: [CookieTemplate]?
        package var message: Message?
        package var code: Template?
        /// `none` is `.some(nil)`.
        package var envelope: String??
        package var body: Template?
        package var beside: [Template.Member]?
        package var text: Message?
        package var page: String?
        package var redirect: Text?
        package init() {}
    }
}

/// The general answers to failures; each route's own table (`Route.answers`) was resolved from these.
package struct FailureAnswers: Sendable {
    package var general: [FailureKind: AnswerPart]
    package var atOperation: [OperationName: [FailureKind: AnswerPart]]
    /// For what is refused before a route is known: 404, 405, 413, framing.
    package var unrouted: [FailureKind: Answer]
}
