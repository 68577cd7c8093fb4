/// A text of a transcript with its `{{holes}}`.
struct TranscriptPattern {
    enum Piece: Hashable {
        case literal(String)
        /// What was captured before under this name.
        case use(String)
        /// Whatever stands here, beginning so.
        case capture(String, prefix: String)
    }

    let pieces: [Piece]

    init(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        var literal = ""
        while let open = rest.firstRange(of: "{{") {
            literal += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}"), let hole = Self.hole(rest[..<close.lowerBound]) else {
                literal += "{{"
                continue
            }
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            pieces.append(hole)
            rest = rest[close.upperBound...]
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// The text with all its uses filled in; the name that was never captured, should there be one.
    func filled(_ captures: [String: String]) -> Result<String, UnknownCapture> {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let words): text += words
            case .use(let name), .capture(let name, _):
                guard let value = captures[name] else { return .failure(UnknownCapture(name: name)) }
                text += value
            }
        }
        return .success(text)
    }

    struct UnknownCapture: Error { var name: String }

    /// Whether the text is as the pattern says; what it captures is kept.
    func matches(_ text: String, captures: inout [String: String]) -> Bool {
        let bytes = Array(text.utf8)
        var found: [String: String] = [:]
        guard matches(bytes, 0, piece: 0, known: captures, found: &found) else { return false }
        captures.merge(found) { $1 }
        return true
    }

    private func matches(
        _ bytes: [UInt8], _ at: Int, piece index: Int, known: [String: String], found: inout [String: String]
    ) -> Bool {
        guard index < pieces.count else { return at == bytes.count }
        switch pieces[index] {
        case .literal(let words):
            guard bytes[at...].starts(with: words.utf8) else { return false }
            return matches(bytes, at + words.utf8.count, piece: index + 1, known: known, found: &found)
        case .use(let name):
            guard let words = found[name] ?? known[name], bytes[at...].starts(with: words.utf8) else { return false }
            return matches(bytes, at + words.utf8.count, piece: index + 1, known: known, found: &found)
        case .capture(let name, let prefix):
            guard bytes[at...].starts(with: prefix.utf8) else { return false }
            var end = at
            while end < bytes.count, Self.isCaptured(bytes[end]) { end += 1 }
            // The longest run after which the rest still fits.
            while end > at, end >= at + prefix.utf8.count {
                found[name] = String(decoding: bytes[at..<end], as: UTF8.self)
                if matches(bytes, end, piece: index + 1, known: known, found: &found) { return true }
                end -= 1
            }
            found[name] = nil
            return false
        }
    }

    /// What tokens, codes, links' tokens, ids and addresses are made of.
    static func isCaptured(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F...0xFF, UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "\\"),
            UInt8(ascii: "&"):
            false
        default: true
        }
    }

    /// `name` or `name: prefix…`; nil when it is no hole but words.
    private static func hole(_ inside: Substring) -> Piece? {
        let name = inside.prefix { $0 != ":" }
        let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        guard isName else { return nil }
        guard name.endIndex < inside.endIndex else { return .use(String(name)) }
        var prefix = inside[inside.index(after: name.endIndex)...].drop { $0 == " " }
        while prefix.last == " " { prefix.removeLast() }
        if prefix.hasSuffix("…") { prefix.removeLast() } else if prefix.hasSuffix("...") { prefix.removeLast(3) }
        return .capture(String(name), prefix: String(prefix))
    }
}
