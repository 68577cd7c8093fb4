/// What may stand at a place of `dialect.yaml`.
package indirect enum SchemaType: Sendable {
    /// Any words; a number or `true` is taken as it is written.
    case text
    case bool
    case int(ClosedRange<Int>)
    /// Within the bounds, in whole seconds.
    case duration(ClosedRange<Duration>)
    case bytes
    /// `6...128` or one number.
    case range(ClosedRange<Int>)
    case choice([String])
    /// A literal or a reference, or nothing at all.
    case scalar
    case list(SchemaType)
    case map(MapShape)
    /// Names that the author chooses; words for what a name is.
    case table(SchemaType, of: String)
    /// One name and what it stands for: `POST /users: {…}`.
    case pair(SchemaType, of: String)
    /// By what stands there: a scalar, a list or a map each has one alternative at most.
    case either([SchemaType])
    /// A body: literals, references, texts, maps and lists.
    case tree

    /// In words, for messages and the reference.
    package var name: String {
        switch self {
        case .text: "a text"
        case .bool: "`true` or `false`"
        case .int(let range): range == Self.anyInt ? "a whole number" : "a whole number in \(range.lowerBound)...\(range.upperBound)"
        case .duration(let range): "a duration in \(Self.words(range.lowerBound))...\(Self.words(range.upperBound))"
        case .bytes: "a size like `1MiB`"
        case .range(let range): "a number or a range in \(range.lowerBound)...\(range.upperBound)"
        case .choice(let names): names.count == 1 ? "`\(names[0])`" : "one of \(names.map { "`\($0)`" }.joined(separator: ", "))"
        case .scalar: "a literal or a reference"
        case .list(let type): "a list (each \(type.name))"
        case .map(let shape): "a map (\(shape.name))"
        case .table(_, let what): "a map of \(what)"
        case .pair(_, let what): "`\(what): …`"
        case .either(let types): types.map(\.name).joined(separator: " or ")
        case .tree: "a body"
        }
    }

    static let anyInt = Int.min...Int.max

    /// `3d`, `12h`, `90s`.
    package static func words(_ span: Duration) -> String {
        let seconds = span.components.seconds
        for (unit, size) in [("d", Int64(86_400)), ("h", 3600), ("m", 60)] where seconds % size == 0 && seconds != 0 {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}

/// The keys of one kind of map.
package struct MapShape: Sendable {
    package struct Key: Sendable {
        package enum Need: Sendable, Hashable {
            case required
            case optional
            /// Left out, it is as if this had been written.
            case standard(String)
        }
        package var name: String
        package var type: SchemaType
        package var need: Need
        package var meaning: String

        package init(_ name: String, _ type: SchemaType, _ need: Need = .optional, _ meaning: String) {
            self.name = name
            self.type = type
            self.need = need
            self.meaning = meaning
        }
    }

    /// As in `unknown key in an answer`: with its article.
    package var name: String
    package var keys: [Key]

    package init(_ name: String, _ keys: [Key]) {
        self.name = name
        self.keys = keys
    }

    package func key(_ name: String) -> Key? { keys.first { $0.name == name } }
}
