import DialectEngine
import Identity
import Testing

/// A dialect over `Invalid/base/`, written in a test.
struct SmallDialect {
    let outcome: DialectLoader.Outcome

    init(_ yaml: String, texts: [String: String] = [:], settings: [String: String] = [:]) {
        var files = DialectFiles(texts: texts)
        files.texts["dialect.yaml"] = "dialect: small\nextends: base\n" + yaml
        outcome = DialectLoader.load(files, settings: settings.mapValues { ChosenSetting($0) }) { name in
            DialectFiles(folder: "\(InvalidDialectTests.folder)/\(name)")
        }
    }

    func loaded(_ location: SourceLocation = #_sourceLocation) throws -> Dialect {
        try #require(outcome.dialect, "\(outcome.report.rendered)", sourceLocation: location)
    }

    func route(_ name: String) throws -> Route {
        try #require(try loaded().routes.first { $0.name == name })
    }
}

extension Template {
    /// As written, for comparing: references by `$name`, texts by their parts.
    var shown: String {
        switch self {
        case .literal(let value): String(decoding: JSONWriter.document(value), as: UTF8.self)
        case .object(let members):
            "{" + members.map { "\($0.name)\($0.optional ? "?" : ""): \($0.value.shown)" }.joined(separator: ", ") + "}"
        case .list(let items): "[" + items.map(\.shown).joined(separator: ", ") + "]"
        case .reference(let reference): "$" + reference.written
        case .text(let text): text.shown
        case .choice(let when, is: _, let then, let other): "$\(when.written) ? \(then.shown) : \(other.shown)"
        case .each(let list, let item): "each $\(list.written): \(item.shown)"
        }
    }
}

extension Text {
    var shown: String {
        "'"
            + parts.map { part in
                switch part {
                case .literal(let words): words
                case .hole(let reference, let escaping): "{\(reference.written)!\(escaping)}"
                case .say(let key, let escaping): "{say:\(key)!\(escaping)}"
                case .plural(let reference, let exact, let one, let other):
                    "{\(reference.written), \(exact.keys.sorted()) \(one.map { Text(parts: $0).shown } ?? "-") \(Text(parts: other).shown)}"
                case .number: "#"
                case .parameter(let name): "{\(name)}"
                case .raw(let reference): "{{\(reference.written)}}"
                }
            }.joined() + "'"
    }
}
