/// A strict reader of JSON documents (RFC 8259) in linear time.
///
/// Beyond the grammar it refuses what two parsers might read differently: repeated member names, U+0000, a byte order mark, invalid UTF-8 and lone
/// surrogates; and more than thirty marks on a letter, as they are slow to compare. Numbers are not computed: a plain integer of 64 bits becomes
/// `.int`, every other number keeps its text (`-0` included).
package struct JSONReader {
    /// How much a document may hold.
    package struct Limits: Sendable, Hashable {
        /// Objects and lists inside each other, the outermost counted.
        package var maxDepth: Int
        /// Members and list elements over the whole document.
        package var maxMembers: Int
        package var maxBytes: Int

        package init(maxDepth: Int = 64, maxMembers: Int = 1000, maxBytes: Int = 1 << 20) {
            self.maxDepth = maxDepth
            self.maxMembers = maxMembers
            self.maxBytes = maxBytes
        }
    }

    private let input: UnsafeBufferPointer<UInt8>
    private let limits: Limits
    private var at = 0
    private var counted = 0

    private init(_ input: UnsafeBufferPointer<UInt8>, limits: Limits) {
        self.input = input
        self.limits = limits
    }

    /// Reads one document from an array, a slice, a byte buffer's view or a string's `utf8`.
    package static func read(_ bytes: some Collection<UInt8>, limits: Limits = Limits()) throws(JSONFault) -> Value {
        if let result = bytes.withContiguousStorageIfAvailable({ result($0, limits: limits) }) { return try result.get() }
        return try Array(bytes).withUnsafeBufferPointer { result($0, limits: limits) }.get()
    }

    /// Reads one document from memory that lives at least as long as the call.
    package static func read(_ bytes: UnsafeRawBufferPointer, limits: Limits = Limits()) throws(JSONFault) -> Value {
        try bytes.withMemoryRebound(to: UInt8.self) { result($0, limits: limits) }.get()
    }

    private static func result(_ input: UnsafeBufferPointer<UInt8>, limits: Limits) -> Result<Value, JSONFault> {
        var reader = JSONReader(input, limits: limits)
        do throws(JSONFault) {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }

    private mutating func document() throws(JSONFault) -> Value {
        guard input.count <= limits.maxBytes else { throw .tooLong }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard at == input.count else { throw .trailing(offset: at) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONFault) -> Value {
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try list(depth: depth + 1)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> Value {
        guard depth <= limits.maxDepth else { throw .tooDeep }
        at += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        var members: [Value.Member] = []
        var names = DistinctNames()
        while true {
            guard current == UInt8(ascii: "\"") else { throw syntax }
            let name = try string()
            guard names.insert(name) else { throw .duplicateMember }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw syntax }
            skipSpace()
            try count()
            members.append(Value.Member(name, try value(depth: depth)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw syntax }
            skipSpace()
        }
    }

    private mutating func list(depth: Int) throws(JSONFault) -> Value {
        guard depth <= limits.maxDepth else { throw .tooDeep }
        at += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list([]) }
        var elements: [Value] = []
        while true {
            try count()
            elements.append(try value(depth: depth))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(elements) }
            guard take(UInt8(ascii: ",")) else { throw syntax }
            skipSpace()
        }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(JSONFault) -> Value {
        for offset in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[offset]) else { throw syntax }
        }
        return value
    }

    private mutating func number() throws(JSONFault) -> Value {
        guard let number = JSONNumber(in: input, from: at) else { throw syntax }
        at = number.end
        return number.value(in: input)
    }

    private mutating func count() throws(JSONFault) {
        counted += 1
        guard counted <= limits.maxMembers else { throw .tooManyMembers }
    }

    /// The byte at hand; zero, which the grammar knows nowhere, at the end.
    private var current: UInt8 { at < input.count ? input[at] : 0 }

    private var syntax: JSONFault { .syntax(offset: at) }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < input.count, input[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < input.count {
            switch input[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }
}

// MARK: Strings

extension JSONReader {
    private mutating func string() throws(JSONFault) -> String {
        at += 1
        let start = at
        try skipPlain()
        guard current == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        let plain = UnsafeBufferPointer(rebasing: input[start..<at])
        guard let string = String(strictUTF8: plain) else { throw .invalidUTF8 }
        at += 1
        return string
    }

    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var bytes = Array(input[start..<at])
        while take(UInt8(ascii: "\\")) {
            try escape(into: &bytes)
            let plain = at
            try skipPlain()
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: input[plain..<at]))
        }
        guard take(UInt8(ascii: "\"")) else { throw syntax }
        guard let string = String(strictUTF8: bytes) else { throw .invalidUTF8 }
        return string
    }

    /// Moves to the next quote, backslash or the end.
    private mutating func skipPlain() throws(JSONFault) {
        while at < input.count {
            let byte = input[at]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw byte == 0 ? .nul : syntax }
            at += 1
        }
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONFault) {
        let byte = current
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(into: &bytes)
        default: throw syntax
        }
        at += 1
    }

    private mutating func unicodeEscape(into bytes: inout [UInt8]) throws(JSONFault) {
        let start = at
        at += 1
        var code = try fourHexDigits()
        if code & 0xFC00 == 0xD800 {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw syntax }
            let low = try fourHexDigits()
            guard low & 0xFC00 == 0xDC00 else { throw .syntax(offset: start) }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard code != 0 else { throw .nul }
        guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else { throw .syntax(offset: start) }
        bytes.append(contentsOf: encoded)
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
            default: throw syntax
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }
}
