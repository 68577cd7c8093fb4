import Identity

/// The tree that flat field names with brackets describe: `user[email]`, `tags[]`, `lines[][sum]`.
///
/// Each `[]` begins a new element. A name whose brackets do not pair up this way stands for itself as a whole. Names are compared byte by byte; every
/// member and element counts toward the limit; a name has one value.
struct FieldTree {
    private enum Kind {
        case text(String)
        case list
        case object
    }

    private struct Node {
        var name: String
        /// Nil only while the name that creates the node is being walked.
        var kind: Kind?
        var children: [Int] = []
    }

    private struct Place: Hashable {
        var parent: Int
        var name: [UInt8]
    }

    private let limits: JSONReader.Limits
    private var nodes = [Node(name: "", kind: .object)]
    private var places: [Place: Int] = [:]

    init(limits: JSONReader.Limits) { self.limits = limits }

    var value: Value { value(of: 0) }

    mutating func insert(_ name: [UInt8], _ value: [UInt8]) throws(FormFault) {
        let text = try Self.text(value)
        var at = 0
        for segment in try segments(of: name) {
            at = try segment.isEmpty ? element(of: at) : member(segment.bytes, of: at)
        }
        guard nodes[at].kind == nil else { throw .duplicate }
        nodes[at].kind = .text(text)
    }

    /// The text of bytes that came over the wire.
    static func text(_ bytes: [UInt8]) throws(FormFault) -> String {
        guard !bytes.contains(0) else { throw .nul }
        guard let text = String(strictUTF8: bytes) else { throw .invalidUTF8 }
        return text
    }

    private mutating func element(of parent: Int) throws(FormFault) -> Int {
        switch nodes[parent].kind {
        case nil: nodes[parent].kind = .list
        case .list: break
        case .text, .object: throw .duplicate
        }
        return try add("", to: parent)
    }

    private mutating func member(_ name: [UInt8], of parent: Int) throws(FormFault) -> Int {
        switch nodes[parent].kind {
        case nil: nodes[parent].kind = .object
        case .object: break
        case .text, .list: throw .duplicate
        }
        let place = Place(parent: parent, name: name)
        if let known = places[place] { return known }
        let added = try add(try Self.text(name), to: parent)
        places[place] = added
        return added
    }

    private mutating func add(_ name: String, to parent: Int) throws(FormFault) -> Int {
        guard nodes.count <= limits.maxMembers else { throw .tooManyFields }
        nodes.append(Node(name: name))
        nodes[parent].children.append(nodes.count - 1)
        return nodes.count - 1
    }

    private func value(of index: Int) -> Value {
        let node = nodes[index]
        switch node.kind {
        case .text(let text): return .string(text)
        case .list: return .list(node.children.map { value(of: $0) })
        case .object: return .object(node.children.map { Value.Member(nodes[$0].name, value(of: $0)) })
        case nil: return .null
        }
    }

    // MARK: Names

    private struct Segment {
        var bytes: [UInt8]
        /// Whether it is `[]`, a place in a list.
        var isEmpty: Bool
    }

    private func segments(of name: [UInt8]) throws(FormFault) -> [Segment] {
        let whole = [Segment(bytes: name, isEmpty: false)]
        guard let open = name.firstIndex(of: UInt8(ascii: "[")), open > 0 else { return whole }
        var segments = [Segment(bytes: Array(name[..<open]), isEmpty: false)]
        var rest = name[open...]
        while !rest.isEmpty {
            guard rest.first == UInt8(ascii: "["), let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return whole }
            let inside = rest[(rest.startIndex + 1)..<close]
            guard !inside.contains(UInt8(ascii: "[")) else { return whole }
            segments.append(Segment(bytes: Array(inside), isEmpty: inside.isEmpty))
            guard segments.count <= limits.maxDepth else { throw .tooDeep }
            rest = rest[(close + 1)...]
        }
        return segments
    }
}
