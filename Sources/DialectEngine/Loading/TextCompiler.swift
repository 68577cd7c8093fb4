import Identity

/// Reads words with holes: `{account.name|upper}`, `{say:KEY}`, `{errors.more, plural, one {…} other {…}}`.
///
/// A brace that no letter follows is itself, so style sheets stay as they are; `{{` is one brace where a letter would follow.
struct TextCompiler {
    /// What a rule's message may mention.
    static let parameters: Set<String> = ["attribute", "min", "max", "other", "digits", "date", "values"]

    /// For what the text is: words, markup, an address or a header.
    enum Surroundings { case words, html, url, header }

    let references: ReferenceCompiler
    let scope: ReferenceScope
    let surroundings: Surroundings
    /// Holes that say other texts, for the check that those are known.
    private(set) var said: [(key: String, place: Place)] = []

    private let start: Place
    /// Whether lines are counted: true for files, false for scalars, whose place is where they begin.
    private let countsLines: Bool
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(
        _ text: String, at start: Place, countsLines: Bool, surroundings: Surroundings, references: ReferenceCompiler, scope: ReferenceScope
    ) {
        self.start = start
        self.countsLines = countsLines
        self.surroundings = surroundings
        self.references = references
        self.scope = scope
        scalars = Array(text.unicodeScalars)
    }

    mutating func compile() -> Text { Text(parts: parts(insidePlural: false)) }

    private var findings: Findings { references.findings }

    private func place(_ index: Int) -> Place {
        guard countsLines else { return start }
        var line = start.line
        var column = start.column
        for scalar in scalars[..<min(index, scalars.count)] {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return Place(file: start.file, line: line, column: column)
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        scalars.indices.contains(index + ahead) ? scalars[index + ahead] : nil
    }

    private static func isNameStart(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar >= "a" && scalar <= "z" || scalar == "_"
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar >= "a" && scalar <= "z" || scalar >= "A" && scalar <= "Z" || scalar >= "0" && scalar <= "9"
            || "_.-:".unicodeScalars.contains(scalar)
    }

    private mutating func parts(insidePlural: Bool) -> [Text.Part] {
        var parts: [Text.Part] = []
        var literal = String.UnicodeScalarView()
        func flush() {
            if !literal.isEmpty { parts.append(.literal(String(literal))) }
            literal = String.UnicodeScalarView()
        }
        while let scalar = peek() {
            if insidePlural, scalar == "}" { break }
            if insidePlural, scalar == "#" {
                flush()
                parts.append(.number)
                index += 1
            } else if scalar == "{", peek(1) == "{" {
                literal.append(scalar)
                index += 2
            } else if scalar == "{", Self.isNameStart(peek(1)) {
                flush()
                if let part = hole() { parts.append(part) }
            } else {
                literal.append(scalar)
                index += 1
            }
        }
        flush()
        return parts
    }

    /// At the opening brace; leaves the index behind the closing one.
    private mutating func hole() -> Text.Part? {
        let opening = index
        index += 1
        let name = take(while: Self.isName)
        switch peek() {
        case "}":
            index += 1
            return part(name, opening)
        case "|":
            let rest = take { $0 != "}" }
            guard peek() == "}" else { return unclosed(opening) }
            index += 1
            return part(name + rest, opening)
        case ",":
            return plural(name, opening)
        default:
            return unclosed(opening)
        }
    }

    private mutating func unclosed(_ opening: Int) -> Text.Part? {
        findings.error(place(opening), "a hole that is never closed; a brace that is meant as such is written `{{`")
        index = scalars.count
        return nil
    }

    private mutating func part(_ written: String, _ opening: Int) -> Text.Part? {
        if written.hasPrefix("say:") {
            let key = String(written.dropFirst(4))
            said.append((key, place(opening)))
            return .say(key, escaping)
        }
        if scope.parameters.contains(written) { return .parameter(written) }
        if Self.parameters.contains(written) {
            findings.error(place(opening), "`{\(written)}` is filled in messages of rules alone")
            return nil
        }
        guard let reference = references.reference(written, at: place(opening), in: scope) else { return nil }
        if reference.isBareMoment {
            findings.error(place(opening), "say how the moment is written: `|iso`, `|iso-ms`, `|epoch`, `|date:…`")
        }
        if case .error(of: _) = reference.source {
        } else if reference.formatters.isEmpty, isTree(reference.source) {
            findings.error(place(opening), "`{\(written)}` is no single word: join or count it")
        }
        return .hole(reference, escaping(of: reference))
    }

    private func isTree(_ source: Reference.Source) -> Bool {
        switch source {
        case .errors(.byField), .errors(.firstByField), .errors(.objects), .errors(.sentences), .allowedMethods: true
        default: false
        }
    }

    private var escaping: Text.Escaping {
        switch surroundings {
        case .words: .none
        case .html: .html
        case .url: .url
        case .header: .header
        }
    }

    /// In an address the base of links stands as it is, and what is encoded already is not encoded twice.
    private func escaping(of reference: Reference) -> Text.Escaping {
        guard surroundings == .url else { return escaping }
        if case .links = reference.source { return .none }
        if case .url? = reference.formatters.last { return .none }
        return .url
    }

    private mutating func plural(_ name: String, _ opening: Int) -> Text.Part? {
        index += 1
        skipSpace()
        guard take(while: Self.isName) == "plural" else { return misplural(opening) }
        skipSpace()
        guard peek() == "," else { return misplural(opening) }
        index += 1
        var exact: [Int64: [Text.Part]] = [:]
        var one: [Text.Part]?
        var other: [Text.Part]?
        while true {
            skipSpace()
            if peek() == "}" { break }
            let selector = take { $0 != "{" && $0 != "}" && $0 != " " && $0 != "\n" }
            skipSpace()
            guard !selector.isEmpty, peek() == "{" else { return misplural(opening) }
            index += 1
            let branch = parts(insidePlural: true)
            guard peek() == "}" else { return unclosed(opening) }
            index += 1
            switch selector {
            case "one": one = branch
            case "other": other = branch
            default:
                guard selector.hasPrefix("="), let number = Int64(selector.dropFirst()) else { return misplural(opening) }
                exact[number] = branch
            }
        }
        index += 1
        guard let other else {
            findings.error(place(opening), "a plural needs `other {…}`")
            return nil
        }
        guard let reference = references.reference(name, at: place(opening), in: scope) else { return nil }
        return .plural(reference, exact: exact, one: one, other: other)
    }

    private mutating func misplural(_ opening: Int) -> Text.Part? {
        findings.error(place(opening), "a plural is written `{NUMBER, plural, =0 {…} one {…} other {…}}`")
        index = scalars.count
        return nil
    }

    private mutating func skipSpace() {
        while let scalar = peek(), scalar == " " || scalar == "\n" || scalar == "\t" { index += 1 }
    }

    private mutating func take(while holds: (Unicode.Scalar) -> Bool) -> String {
        var taken = String.UnicodeScalarView()
        while let scalar = peek(), holds(scalar) {
            taken.append(scalar)
            index += 1
        }
        return String(taken)
    }
}
