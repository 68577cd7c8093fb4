extension PatternNode {
    /// Reads a pattern's source; `LinearPattern` says which language.
    init(parsing source: String) throws(PatternFault) {
        var parser = PatternParser(source)
        self = try parser.pattern()
    }
}

/// A walk over a pattern's source, by recursive descent.
private struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    mutating func pattern() throws(PatternFault) -> PatternNode {
        let node = try choice()
        guard current == nil else { throw fault("a group is closed that was never opened; write \\) for the sign itself") }
        return node
    }

    private mutating func choice() throws(PatternFault) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            parts.append(try quantified(atom()))
        }
        return .sequence(parts)
    }

    private mutating func atom() throws(PatternFault) -> PatternNode {
        guard let scalar = current else { throw fault("something is missing") }
        switch scalar {
        case "(": return try group()
        case "[": return .one(try scalarClass())
        case "\\": return .one(try escape())
        case "*", "+", "?": throw fault("nothing stands before it to repeat; write \\\(scalar) for the sign itself")
        case "{", "}", "]": throw fault("\"\(scalar)\" stands alone; write \\\(scalar) for the sign itself")
        default: break
        }
        place += 1
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .one(.allButLineFeed)
        default: return .one(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternFault) -> PatternNode {
        let opening = place
        place += 1
        if current == "?" { try groupKind() }
        depth += 1
        guard depth <= 100 else { throw fault("groups are nested more than 100 deep") }
        let node = try choice()
        depth -= 1
        guard take(")") else {
            place = opening
            throw fault("a group is never closed; write \\( for the sign itself")
        }
        return node
    }

    /// Passes `?:`, the one kind of group that is only a group.
    private mutating func groupKind() throws(PatternFault) {
        let rest = String(String.UnicodeScalarView(scalars[place...].prefix(3)))
        if rest.hasPrefix("?:") {
            place += 2
            return
        }
        if rest.hasPrefix("?=") || rest.hasPrefix("?!") { throw fault("look-ahead is not matched in linear time; give two patterns") }
        if rest.hasPrefix("?<=") || rest.hasPrefix("?<!") { throw fault("look-behind is not matched in linear time") }
        if rest.hasPrefix("?<") || rest.hasPrefix("?P") || rest.hasPrefix("?'") {
            throw fault("named groups have no use here; write ( or (?:")
        }
        if rest.hasPrefix("?>") { throw fault("atomic groups are not supported") }
        throw fault("only groups that begin with ( or (?: are supported, no flags")
    }

    private mutating func quantified(_ node: PatternNode) throws(PatternFault) -> PatternNode {
        guard let sign = current, let (least, most) = try quantifier() else { return node }
        switch node {
        case .start, .end:
            place -= 1
            throw fault("an anchor cannot be repeated")
        default: break
        }
        switch current {
        case "?": throw fault("lazy quantifiers change nothing in a yes or no; leave the second ? out")
        case "+": throw fault("possessive quantifiers are not supported")
        case "*", "{": throw fault("\"\(sign)\" has repeated it already; put a group around what is to be repeated twice")
        default: return .repeated(node, least: least, most: most)
        }
    }

    private mutating func quantifier() throws(PatternFault) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard current == "{" else { return nil }
        let opening = place
        place += 1
        let malformed = "the count is none of {m}, {m,}, {m,n}; write \\{ for the sign itself"
        guard let least = try number() else { throw fault(malformed, at: opening) }
        if take("}") { return (least, least) }
        guard take(",") else { throw fault(malformed, at: opening) }
        if take("}") { return (least, nil) }
        guard let most = try number(), take("}") else { throw fault(malformed, at: opening) }
        guard least <= most else { throw fault("the count's bounds stand in the wrong order", at: opening) }
        return (least, most)
    }

    private mutating func number() throws(PatternFault) -> Int? {
        var number: Int?
        while let scalar = current, ("0"..."9").contains(scalar) {
            let grown = (number ?? 0) * 10 + Int(scalar.value - 0x30)
            guard grown <= PatternProgram.longest else { throw fault("a count is over \(PatternProgram.longest)") }
            number = grown
            place += 1
        }
        return number
    }

    private mutating func scalarClass() throws(PatternFault) -> ScalarSet {
        let opening = place
        place += 1
        let isInverted = take("^")
        guard current != "]" else { throw fault("a class is empty; write \\] for the sign itself", at: opening) }
        var set = ScalarSet([])
        while !take("]") {
            guard let scalar = current else { throw fault("a class is never closed; write \\[ for the sign itself", at: opening) }
            if scalar == "[", place + 1 < scalars.count, scalars[place + 1] == ":" { throw fault("classes by name are not supported") }
            let (lower, single) = try classMember()
            guard current == "-", place + 1 < scalars.count, scalars[place + 1] != "]" else {
                set = set.union(lower)
                continue
            }
            place += 1
            let (_, last) = try classMember()
            guard let single, let last else { throw fault("a range runs from or to a class; write \\- for the sign itself") }
            guard single <= last else { throw fault("a range's ends stand in the wrong order") }
            set = set.union(ScalarSet([single.value...last.value]))
        }
        return isInverted ? set.inverted : set
    }

    /// What stands for itself in a class, with the scalar when it is one.
    private mutating func classMember() throws(PatternFault) -> (ScalarSet, Unicode.Scalar?) {
        guard let scalar = current else { throw fault("a class is never closed") }
        guard scalar == "\\" else {
            place += 1
            return (ScalarSet(scalar), scalar)
        }
        let escaped = try escape()
        return (escaped, escaped.onlyScalar)
    }

    private mutating func escape() throws(PatternFault) -> ScalarSet {
        guard place + 1 < scalars.count else { throw fault("nothing follows the \\") }
        let scalar = scalars[place + 1]
        guard let set = Self.escaped(scalar) else {
            if ("1"..."9").contains(scalar) || scalar == "k" { throw fault("back references are not matched in linear time") }
            throw fault("\\\(scalar) is no escape that is known here")
        }
        place += 2
        return set
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> ScalarSet? {
        switch scalar {
        case "d": .digits
        case "w": .word
        case "s": .space
        case "D": ScalarSet.digits.inverted
        case "W": ScalarSet.word.inverted
        case "S": ScalarSet.space.inverted
        case "t": ScalarSet("\t")
        case "n": ScalarSet("\n")
        case "r": ScalarSet("\r")
        case " "..."/", ":"..."@", "["..."`", "{"..."~": ScalarSet(scalar)
        default: nil
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        place += 1
        return true
    }

    private func fault(_ reason: String, at place: Int? = nil) -> PatternFault {
        PatternFault(reason: "at \((place ?? self.place) + 1): \(reason)")
    }
}
