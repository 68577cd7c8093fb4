import Identity

extension Occasion {
    /// The catalogue's text under a key, its holes filled; the key itself should the catalogue lack it.
    package func said(_ key: String) -> String {
        var words = ""
        say(key, escaping: .none, depth: 0, into: &words)
        return words
    }

    /// The words with their holes filled, each escaped for where it stands.
    package func words(_ text: Text) -> String {
        var words = ""
        append(text.parts, number: nil, depth: 0, to: &words)
        return words
    }

    package func words(_ message: Message) -> String {
        switch message {
        case .key(let key): said(key)
        case .reference(let reference): value(of: reference).shown
        }
    }

    /// Texts that say each other in a circle end here rather than never.
    private static let deepest = 8

    private func say(_ key: String, escaping: Text.Escaping, depth: Int, into words: inout String) {
        guard depth < Self.deepest, let text = texts[key] else {
            words += escaping.applied(to: key)
            return
        }
        guard escaping != .none else { return append(text.parts, number: nil, depth: depth + 1, to: &words) }
        var said = ""
        append(text.parts, number: nil, depth: depth + 1, to: &said)
        words += escaping.applied(to: said)
    }

    private func append(_ parts: [Text.Part], number: Value?, depth: Int, to words: inout String) {
        for part in parts {
            switch part {
            case .literal(let literal): words += literal
            case .hole(let reference, let escaping):
                let shown = value(of: reference).shown
                words += escaping.applied(to: isMail ? Escape.line(shown) : shown)
            case .say(let key, let escaping): say(key, escaping: escaping, depth: depth, into: &words)
            case .plural(let reference, let exact, let one, let other):
                let value = value(of: reference)
                let count = Formatter.int.applied(to: value).int
                let chosen = count.flatMap { exact[$0] } ?? (count == 1 ? one : nil) ?? other
                append(chosen, number: value, depth: depth, to: &words)
            case .number: words += number?.shown ?? ""
            case .parameter(let name): words += parameters[name]?.shown ?? ""
            case .raw(let reference): words += value(of: reference).shown
            }
        }
    }
}

extension Text {
    /// The text of a page: holes between tags, where quotes are only quotes, lose the escaping that attributes need.
    var narrowedForHTML: Text {
        var isInTag = false
        return Text(
            parts: parts.map { part in
                switch part {
                case .literal(let literal):
                    for byte in literal.utf8 where byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") {
                        isInTag = byte == UInt8(ascii: "<")
                    }
                    return part
                case .hole(let reference, .html) where !isInTag: return .hole(reference, .htmlText)
                case .say(let key, .html) where !isInTag: return .say(key, .htmlText)
                default: return part
                }
            })
    }
}
