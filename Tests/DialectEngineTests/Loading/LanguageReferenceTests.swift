import DialectEngine
import Foundation
import Identity
import Testing

/// Holds `Dialects/README.md` against the code, in both directions.
struct LanguageReferenceTests {
    static let page = (try? String(contentsOfFile: ShippedDialectTests.root + "/Dialects/README.md", encoding: .utf8)) ?? ""

    /// Every key of the schema with what it needs.
    ///
    /// Operations, outcomes, failures, mails and rules are told in tables instead.
    private static let keys: [String: Set<MapShape.Key.Need>] = {
        var found: [String: Set<MapShape.Key.Need>] = [:]
        let tables: Set = ["failures", "operations", "mails", "a rule"]
        func walk(_ shape: MapShape) {
            for key in shape.keys {
                let isOutcome = shape.name == "a route" && Outcome(rawValue: key.name) != nil
                if !tables.contains(shape.name), !isOutcome { found[key.name, default: []].insert(key.need) }
                walk(key.type)
            }
        }
        func walk(_ type: SchemaType) {
            switch type {
            case .map(let shape): walk(shape)
            case .list(let type), .table(let type, _), .pair(let type, _): walk(type)
            case .either(let types): types.forEach(walk)
            default: break
            }
        }
        walk(DialectSchema.root)
        return found
    }()

    /// `**key** (type, required)`: the key and what stands between its parentheses, if they follow.
    private static let entries: [(key: String, words: String)] = page.matches(of: #/\*\*([a-z][a-z-]*)\*\*/#).map { match in
        let rest = page[match.range.upperBound...]
        guard rest.hasPrefix(" (") else { return (String(match.1), "") }
        var depth = 0
        let words = rest.dropFirst().prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth > 0
        }
        return (String(match.1), String(words))
    }

    @Test(arguments: keys.keys.sorted())
    func `a key of the schema stands on the page with what it needs`(_ name: String) {
        let entries = Self.entries.filter { $0.key == name }
        #expect(!entries.isEmpty, "**\(name)** is not on the page")
        for need in Self.keys[name] ?? [] {
            switch need {
            case .required: #expect(entries.contains { $0.words.contains("required") }, "**\(name)** is required")
            case .optional: break
            case .standard(let standard):
                #expect(entries.contains { $0.words.contains("default `\(standard)`") }, "the default of **\(name)** is `\(standard)`")
            }
        }
    }

    @Test func `every key on the page is one of the schema`() {
        for entry in Self.entries where entry.key != "key" && entry.key != "answer" {
            #expect(Self.keys[entry.key] != nil, "**\(entry.key)**")
        }
    }

    @Test func `the table of operations is that of the code`() throws {
        var seen: Set<OperationName> = []
        for row in Self.rows(under: "## Operations") {
            let name = try #require(OperationName(rawValue: row[0].filter { $0 != "`" }), "\(row[0])")
            let signature = try #require(OperationSignature.all[name])
            seen.insert(name)
            #expect(row[1] == signature.need.rawValue, "\(name)")
            let slots = row[2].split { $0 == " " || $0 == "," }.map(String.init)
            #expect(Set(slots) == Set(signature.slots.map(\.rawValue) + (signature.takesAttributes ? ["attributes"] : [])), "\(name)")
            #expect(
                Set(row[3].split { $0 == " " || $0 == "," }.map(String.init)) == Set(signature.outcomes.keys.map(\.rawValue)), "\(name)")
        }
        #expect(seen == Set(OperationName.allCases))
    }

    @Test func `the tree of failures is that of the code`() throws {
        let block = try #require(Self.page.firstMatch(of: #/```\n(failure\n[^`]*)```/#)).1
        var stack: [FailureKind] = []
        var last: FailureKind = .failure
        var seen: Set<FailureKind> = [.failure]
        for line in block.split(separator: "\n").dropFirst() {
            // A line goes on with the one above when it is indented beyond the kinds under the root.
            let isNew = line.prefix { $0 == " " }.count == 2
            if isNew { stack = [.failure] }
            let tokens = line.matches(of: #/[a-z-]+|\(|\)/#).map { String($0.0) }
            for (index, token) in tokens.enumerated() {
                if token == "(" {
                    stack.append(last)
                } else if token == ")" {
                    stack.removeLast()
                } else {
                    let kind = try #require(FailureKind(rawValue: token), "\(token)")
                    // Behind the first kind of a line its children follow after blanks, its siblings after a comma.
                    if isNew, index == 1, !line.contains("\(tokens[0]),") { stack.append(last) }
                    #expect(kind.parent == stack.last, "\(kind.rawValue) stands below \(stack.last?.rawValue ?? "nothing")")
                    last = kind
                    seen.insert(kind)
                }
            }
        }
        #expect(seen == Set(FailureKind.allCases))
    }

    @Test func `the formatters are those of the code`() throws {
        let line = try #require(Self.page.firstMatch(of: #/Formatters: `([^`]+)`/#)).1
        let names = line.split(separator: " ").map { String($0.prefix { $0 != ":" }) }
        #expect(Set(names) == Set(DialectSchema.formatterNames))
        #expect(names.count == Set(names).count)
    }

    @Test func `the references are those of the code`() {
        var names: Set<String> = []
        for row in Self.rows(under: "| references |") {
            for group in row[0].matches(of: #/`\$([^`]+)`/#) {
                let words = group.1.split(separator: " ").map(String.init)
                let prefix = words[0].split(separator: ".").dropLast().first.map { $0 + "." } ?? ""
                names.insert(words[0])
                names.formUnion(words.dropFirst().map { prefix + $0 })
            }
        }
        let open: Set = ["slot.NAME", "slot.link", "errors.of.FIELD", "settings.NAME"]
        #expect(names.subtracting(open) == Set(DialectSchema.references))
    }

    @Test func `the rules are those of the code`() {
        var names: Set<String> = []
        for row in Self.rows(under: "| rule |") {
            for word in row[0].matches(of: #/`(?:\{ )?([a-z-]+)/#) { names.insert(String(word.1)) }
        }
        #expect(names == Set(DialectSchema.ruleNames))
    }

    @Test func `the mails, and the parameters of rules, are those of the code`() throws {
        let kinds = try #require(Self.page.firstMatch(of: #/KIND is `([^`]+)`/#)).1
        #expect(kinds.split(separator: " ").map(String.init) == NoticeKind.allCases.map(\.rawValue))
        let holes = try #require(Self.page.firstMatch(of: #/messages of rules: `([^`]+)`/#)).1
        #expect(Set(holes.split(separator: " ").map { String($0.dropFirst().dropLast()) }) == DialectSchema.ruleParameters)
    }

    @Test func `every weakness on the page is recorded by a case, and the reverse`() throws {
        let words = try #require(Self.page.firstMatch(of: #/Named, for a faithful face may need it: ([^\n]+)/#)).1
        let named = Set(words.matches(of: #/`([a-z]+-[a-z-]+)`/#).map { String($0.1) })
        let recorded = try ["weak", "weak-news"].flatMap { name in
            try InvalidDialectTests.load(name).report.warnings.map { String($0.message.prefix { $0 != ":" }) }
        }
        #expect(named == Set(recorded))
    }

    /// The cells of the table that follows a line, its head left out.
    private static func rows(under mark: String) -> [[String]] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix(mark) }) else { return [] }
        let table = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return table.dropFirst(2).map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }
}
