/// A writer of compact JSON that mixes values, members and bytes prepared beforehand.
///
/// Commas are set between two things that the writer itself wrote; beside `raw(_:)` the caller owns them, as the prepared bytes hold them already.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Whether what comes next in the same object or list needs a comma before it.
    private var isBesideSibling = false

    package init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// The value alone, as a document.
    package static func document(_ value: Value) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    /// The string between quotes, escaped.
    package static func quoted(_ string: String) -> [UInt8] {
        var writer = JSONWriter(reserving: string.utf8.count + 2)
        writer.string(string)
        return writer.bytes
    }

    /// Appends bytes that are right where they stand: the caller's literals, with their own separators.
    package mutating func raw(_ literal: some Collection<UInt8>) {
        bytes.append(contentsOf: literal)
        isBesideSibling = false
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginList() { begin(UInt8(ascii: "[")) }
    package mutating func endList() { end(UInt8(ascii: "]")) }

    /// Writes a member's name and colon; its value is to follow.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        isBesideSibling = false
    }

    package mutating func member(_ name: String, _ value: Value) {
        self.name(name)
        self.value(value)
    }

    package mutating func string(_ string: String) {
        separate()
        quote(string)
    }

    /// Writes any value; a moment becomes an ISO 8601 string with milliseconds, a `.number` whose text is no JSON number becomes a string.
    package mutating func value(_ value: Value) {
        switch value {
        case .null: word("null")
        case .bool(let bool): word(bool ? "true" : "false")
        case .int(let int): word(String(int))
        case .number(let text): if JSONNumber.spells(text) { word(text) } else { string(text) }
        case .string(let text): string(text)
        case .time(let instant):
            separate()
            bytes.append(UInt8(ascii: "\""))
            instant.appendISO8601(fractionDigits: 3, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .list(let elements):
            beginList()
            for element in elements { self.value(element) }
            endList()
        case .object(let members):
            beginObject()
            for member in members { self.member(member.name, member.value) }
            endObject()
        }
    }

    /// Appends the text escaped and without quotes, for a place inside a string that `raw(_:)` opened.
    package mutating func characters(_ text: String) {
        var text = text
        text.withUTF8 { escape($0) }
        isBesideSibling = false
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        characters(text)
        bytes.append(UInt8(ascii: "\""))
        isBesideSibling = true
    }

    private mutating func word(_ word: String) {
        separate()
        bytes.append(contentsOf: word.utf8)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        isBesideSibling = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        isBesideSibling = true
    }

    private mutating func separate() {
        if isBesideSibling { bytes.append(UInt8(ascii: ",")) }
        isBesideSibling = true
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var written = 0
        for offset in text.indices {
            let byte = text[offset]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written..<offset]))
            written = offset + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0..<0x20:
                bytes.append(contentsOf: byte < 0x10 ? "u000".utf8 : "u001".utf8)
                let digit = byte & 0x0F
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            default: bytes.append(byte)
            }
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written...]))
    }
}
