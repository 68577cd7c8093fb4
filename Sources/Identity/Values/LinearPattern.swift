/// A pattern that is matched in time linear in the text, whatever the text.
///
/// Literals, `.` (all but a line feed), classes with ranges and negation, `\d \w \s \D \W \S` (of ASCII), `\t \n \r`, punctuation escaped by `\`,
/// groups `(...)` and `(?:...)`, `|`, `* + ? {m} {m,} {m,n}`, `^` and `$` (the very start and the very end). Everything works on Unicode
/// scalars, and letter case counts. Two patterns are equal when their sources are, byte for byte.
package struct LinearPattern: Sendable, Hashable {
    package let source: String
    private let program: PatternProgram

    /// Throws for what is no pattern, for what needs over 2000 states with its counts written out, and for constructs that are not linear
    /// (back references, look-around) or change nothing in a yes or no (lazy and possessive quantifiers, named groups, flags).
    package init(_ source: String) throws(PatternFault) {
        self.source = source
        program = try PatternProgram(PatternNode(parsing: source))
    }

    /// Whether the text matches somewhere; `^` and `$` anchor.
    ///
    /// Works on Unicode scalars.
    package func matches(_ text: String) -> Bool {
        var steps = 0
        return program.matches(text, steps: &steps)
    }

    /// As `matches(_:)`, and adds the instructions that it took: at most the program's length for each scalar and one round for the end.
    package func matches(_ text: String, countingSteps steps: inout Int) -> Bool {
        program.matches(text, steps: &steps)
    }

    package static func == (a: LinearPattern, b: LinearPattern) -> Bool { a.source.hasSameBytes(as: b.source) }

    package func hash(into hasher: inout Hasher) {
        var source = source
        source.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Why a text is no pattern of ours, with the place, counted from 1 in scalars, where there is one: `at 3: a group is never closed`.
package struct PatternFault: Error, Sendable, Hashable {
    package var reason: String
    package init(reason: String) { self.reason = reason }
}
