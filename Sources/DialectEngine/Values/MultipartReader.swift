package import Identity

/// A strict reader of `multipart/form-data` bodies (RFC 7578, RFC 2046) that lie in memory whole.
///
/// Names take brackets as in `FormReader`. Parts with a file name are left out and only named. Stricter than RFC 2046: nothing may stand before the first
/// delimiter or behind the last, and a line that merely begins with the delimiter is broken framing.
package struct MultipartReader {
    package struct Form: Sendable, Hashable {
        /// An object of strings.
        package var fields: Value
        /// The names of the parts that carried a file.
        package var files: [String]
    }

    /// Bytes of all header lines of one part.
    private static let headerLimit = 4096

    private let bytes: [UInt8]
    private let delimiter: [UInt8]
    private let lineAndDelimiter: [UInt8]
    private let limits: JSONReader.Limits
    private var at = 0
    private var tree: FieldTree
    private var files: [String] = []

    /// Reads the body; the boundary is `MediaType.boundary` of its content type.
    package static func read(
        _ bytes: some Collection<UInt8>, boundary: String, limits: JSONReader.Limits = .init()
    ) throws(FormFault) -> Form {
        guard bytes.count <= limits.maxBytes else { throw .tooLong }
        var reader = MultipartReader(bytes: Array(bytes), delimiter: Array("--\(boundary)".utf8), limits: limits)
        return try reader.form()
    }

    private init(bytes: [UInt8], delimiter: [UInt8], limits: JSONReader.Limits) {
        self.bytes = bytes
        self.delimiter = delimiter
        lineAndDelimiter = Self.lineEnd + delimiter
        self.limits = limits
        tree = FieldTree(limits: limits)
    }

    private mutating func form() throws(FormFault) -> Form {
        _ = take(Self.lineEnd)
        guard take(delimiter) else { throw .framing }
        while try !isClosed() { try part() }
        return Form(fields: tree.value, files: files)
    }

    /// Ends the delimiter's line; true when it was the last one and the body ends with it.
    private mutating func isClosed() throws(FormFault) -> Bool {
        let isLast = take(Self.closing)
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        let isEnded = take(Self.lineEnd)
        guard isLast ? at == bytes.count : isEnded else { throw .framing }
        return isLast
    }

    private mutating func part() throws(FormFault) {
        let headers = try partHeaders()
        let content = try content()
        guard let disposition = headers.disposition else { throw .framing }
        guard let name = disposition["name"] else { throw .framing }
        if disposition["filename"] != nil || disposition["filename*"] != nil {
            guard files.count < limits.maxMembers else { throw .tooManyFields }
            files.append(name)
            return
        }
        guard !headers.isForeign else { throw .foreignEncoding }
        try tree.insert(Array(name.utf8), Array(content))
    }

    /// Takes all up to the next delimiter, and the delimiter.
    private mutating func content() throws(FormFault) -> ArraySlice<UInt8> {
        let start = at
        while let end = bytes[at...].firstIndex(of: 0x0D) {
            at = end
            if take(lineAndDelimiter) { return bytes[start..<end] }
            at = end + 1
        }
        throw .framing
    }

    private mutating func take(_ expected: [UInt8]) -> Bool {
        guard bytes[at...].starts(with: expected) else { return false }
        at += expected.count
        return true
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
    private static let closing = Array("--".utf8)
}

// MARK: Header lines

extension MultipartReader {
    private struct Headers {
        var disposition: [String: String]?
        /// Another charset, or an encoding that changes the bytes.
        var isForeign = false
    }

    private mutating func partHeaders() throws(FormFault) -> Headers {
        var headers = Headers()
        let start = at
        while true {
            let line = try line()
            guard at - start <= Self.headerLimit else { throw .framing }
            guard !line.isEmpty else { return headers }
            try read(FieldTree.text(Array(line)), into: &headers)
        }
    }

    private mutating func line() throws(FormFault) -> ArraySlice<UInt8> {
        guard let end = bytes[at...].firstIndex(of: 0x0D) else { throw .framing }
        let line = bytes[at..<end]
        at = end
        guard take(Self.lineEnd), !line.contains(0x0A) else { throw .framing }
        return line
    }

    private func read(_ line: String, into headers: inout Headers) throws(FormFault) {
        var scanner = FieldScanner(line)
        guard let field = scanner.token()?.lowercased(), scanner.take(":") else { throw .framing }
        scanner.skipSpace()
        switch field {
        case "content-disposition":
            guard headers.disposition == nil, scanner.token()?.lowercased() == "form-data", let parameters = scanner.parameters(),
                scanner.isAtEnd
            else { throw .framing }
            headers.disposition = Dictionary(parameters.map { ($0.name, $0.value) }) { first, _ in first }
        case "content-type":
            guard let name = scanner.typeName(), let parameters = scanner.parameters(), scanner.isAtEnd, !name.hasPrefix("multipart/")
            else { throw .framing }
            let charset = parameters.first { $0.name == "charset" }?.value.lowercased()
            if let charset, charset != "utf-8", charset != "utf8" { headers.isForeign = true }
        case "content-transfer-encoding":
            guard let encoding = scanner.token()?.lowercased() else { throw .framing }
            if !["7bit", "8bit", "binary"].contains(encoding) { headers.isForeign = true }
        default: break
        }
    }
}
