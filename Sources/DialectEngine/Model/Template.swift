package import Identity

/// A body tree, compiled: literals, references and the few constructs that choose between them.
///
/// Types are known; rendering cannot fail.
package indirect enum Template: Sendable {
    case literal(Value)
    case object([Member])
    case list([Template])
    case reference(Reference)
    /// A text with holes.
    case text(Text)
    /// By presence (`is` nil: neither null, false, empty text nor empty list) or equality with a literal.
    case choice(when: Reference, is: Value?, then: Template, else: Template)
    /// One element for each of a list fact; inside, `$item` is the element.
    case each(Reference, Template)

    package struct Member: Sendable {
        package var name: String
        /// Written `name?`: left out when its value is null.
        package var optional: Bool
        package var value: Template

        package init(name: String, optional: Bool = false, value: Template) {
            self.name = name
            self.optional = optional
            self.value = value
        }
    }
}

/// `$account.created_at|date:dd/MM/yyyy`: a source and the formatters behind its bars.
package struct Reference: Sendable {
    /// As written, for diagnostics and tests.
    package var written: String
    package var source: Source
    package var formatters: [Formatter]

    package enum Source: Sendable {
        case fact(Fact)
        case slot(Slot)
        case errors(ErrorsFact)
        /// The first text of the field with this wire name; null when it has no problem.
        case error(of: String)
        case retrySeconds
        case allowedMethods
        case httpStatus
        case requestMethod
        /// Without its leading slash: `request.route`; with it: `request.path`.
        case requestPath
        case requestRoute
        case requestLanguage
        case message
        case code
        case constant(Value)
        case token(TokenFact)
        /// The base of mailed links, and the link of the mail being written.
        case links
        case link
        case item
        /// `$item.message`: a member of the element, for lists of objects.
        case itemMember(String)
    }

    package enum ErrorsFact: String, Sendable, CaseIterable {
        /// field → list of texts
        case byField = "by_field"
        /// field → first text
        case firstByField = "first_by_field"
        case sentences
        /// `[{field, code, message}]`
        case objects
        case firstField = "first.field"
        case firstMessage = "first.message"
        case firstCode = "first.code"
        /// How many problems there are, over all fields.
        case count
        /// `count` - 1.
        case more
        /// True when more than one field has a problem.
        case manyFields = "many_fields"
    }

    package enum TokenFact: String, Sendable, CaseIterable {
        case issuedAt = "iat"
        case expiresAt = "exp"
        case jti
        case issuer
        case path
    }
}

/// What may follow a bar.
///
/// Pure and total: each maps any value to a value.
package enum Formatter: Sendable, Hashable {
    case string, int, lower, upper
    case iso, isoMilliseconds
    case epoch, epochMilliseconds
    case date(String)
    case prefix(String), suffix(String), `default`(String)
    case join(String), first, count
    /// Named table from the dialect's `enums`.
    case `enum`([String: String])
    case mask, base64url, url, capitalized
}

/// Words with holes, compiled for where they stand.
package struct Text: Sendable {
    package enum Escaping: String, Sendable {
        case none
        /// Right inside a quoted attribute and everywhere else in HTML.
        case html
        /// Between tags, where quotes stand for themselves; what `html` is narrowed to when a page is written.
        case htmlText
        case url, header
    }
    package enum Part: Sendable {
        case literal(String)
        case hole(Reference, Escaping)
        /// A text of the catalogue in the language at hand.
        case say(String, Escaping)
        /// ICU plural: exact counts first, then `one`, then `other`; `#` is the number.
        case plural(Reference, exact: [Int64: [Part]], one: [Part]?, other: [Part])
        /// The number inside a plural.
        case number
        /// A rule's parameter: `attribute`, `min`, `max` ...
        case parameter(String)
        /// Raw: only for values that are escaped already by construction.
        case raw(Reference)
    }
    package var parts: [Part]

    package init(parts: [Part]) { self.parts = parts }
}

/// Every text of a dialect, by language and key; complete in every language.
package struct MessageCatalogue: Sendable {
    package var texts: [String: [String: Text]]
    package init(texts: [String: [String: Text]]) { self.texts = texts }
}
