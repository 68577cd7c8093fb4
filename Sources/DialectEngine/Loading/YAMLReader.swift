import Yams

/// Reads one YAML document strictly: no anchors, aliases, merge keys, tags or duplicate keys, and keys are scalars.
package struct YAMLReader {
    private let file: String
    private var faults: [Diagnostic] = []
    /// How many more are gone through: an alias is the node itself again, and aliases of aliases multiply.
    private var anchorsLeft = 64

    private init(file: String) { self.file = file }

    /// The document, and what is wrong with it.
    ///
    /// An empty text is an empty map; nil when the text is no YAML at all.
    package static func read(_ text: String, file: String) -> (root: YAMLNode?, faults: [Diagnostic]) {
        var reader = YAMLReader(file: file)
        let root = reader.compose(text)
        return (root, reader.faults)
    }

    private mutating func compose(_ text: String) -> YAMLNode? {
        let start = Place(file: file, line: 1, column: 1)
        do {
            // Without rules: what type a plain scalar has is the schema's to say, and guessing takes a pattern each.
            let parser = try Parser(yaml: text, resolver: .basic)
            // A node holds its anchor weakly; the parser owns it.
            return try withExtendedLifetime(parser) {
                guard let node = try parser.singleRoot() else { return YAMLNode(.map([]), at: start) }
                return convert(node)
            }
        } catch let error as YamlError {
            let (place, words) = describe(error)
            faults.append(Diagnostic(.error, place, words))
        } catch {
            faults.append(Diagnostic(.error, start, "cannot be read as YAML"))
        }
        return nil
    }

    private mutating func convert(_ node: Node) -> YAMLNode {
        let place = place(node.mark)
        if node.anchor != nil {
            guard anchorsLeft > 0 else { return YAMLNode(.scalar("", isQuoted: false), at: place) }
            anchorsLeft -= 1
            faults.append(Diagnostic(.error, place, "anchors and aliases are not allowed: write it out"))
        }
        switch node {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain
            let tag = scalar.tag.description
            if !(tag.isEmpty || quoted && tag == "tag:yaml.org,2002:str") { refuseTag(at: place) }
            return YAMLNode(.scalar(scalar.string, isQuoted: quoted), at: place)
        case .sequence(let sequence):
            if !sequence.tag.description.isEmpty { refuseTag(at: place) }
            return YAMLNode(.list(sequence.map { convert($0) }), at: place)
        case .mapping(let mapping):
            if !mapping.tag.description.isEmpty { refuseTag(at: place) }
            return YAMLNode(.map(mapping.compactMap { entry($0.key, $0.value) }), at: place)
        case .alias:
            faults.append(Diagnostic(.error, place, "anchors and aliases are not allowed: write it out"))
            return YAMLNode(.scalar("", isQuoted: false), at: place)
        }
    }

    private mutating func entry(_ key: Node, _ value: Node) -> YAMLNode.Entry? {
        let keyPlace = place(key.mark)
        guard case .scalar(let scalar) = key else {
            faults.append(Diagnostic(.error, keyPlace, "a key is one word, not a list or a map"))
            return nil
        }
        if key.anchor != nil { faults.append(Diagnostic(.error, keyPlace, "anchors and aliases are not allowed: write it out")) }
        if scalar.string == "<<" {
            faults.append(Diagnostic(.error, keyPlace, "merge keys are not allowed: write it out, or use `extends`"))
            return nil
        }
        return YAMLNode.Entry(key: scalar.string, keyPlace: keyPlace, value: convert(value))
    }

    private mutating func refuseTag(at place: Place) {
        faults.append(Diagnostic(.error, place, "tags are not allowed: the key says what type its value has"))
    }

    private func place(_ mark: Mark?) -> Place {
        Place(file: file, line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
    }

    private func describe(_ error: YamlError) -> (Place, String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return (place(mark), "is no YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            return (place(context.mark), "written twice in one map: \(keys.map { "`\($0)`" }.joined(separator: ", "))")
        case .reader(let problem, _, _, _):
            return (place(nil), "is no YAML: \(problem)")
        default:
            return (place(nil), "cannot be read as YAML")
        }
    }
}
