import Identity

/// Pairs as one line.
enum LogLine {
    static func bytes(_ pairs: [(String, String)], _ format: LogFormat) -> [UInt8] {
        switch format {
        case .json:
            var json = JSONWriter()
            json.beginObject()
            for (key, value) in pairs { json.member(key, .string(value)) }
            json.endObject()
            // What steers begins with one of these, whatever else does.
            guard json.bytes.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return json.bytes + [UInt8(ascii: "\n")] }
            return Array(TerminalText.escaped(json: String(decoding: json.bytes, as: UTF8.self)).utf8) + [UInt8(ascii: "\n")]
        case .text:
            var line: [UInt8] = []
            line.reserveCapacity(160)
            for (key, value) in pairs {
                if !line.isEmpty { line.append(UInt8(ascii: " ")) }
                line += key.utf8
                line.append(UInt8(ascii: "="))
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "\n"))
            return line
        }
    }

    /// Bare when it is plain, else quoted; control characters, C1 included, as `\u{…}`.
    private static func append(_ value: String, to line: inout [UInt8]) {
        let isPlain =
            !value.isEmpty
            && value.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "=")
            }
        guard !isPlain else { return line += value.utf8 }
        line.append(UInt8(ascii: "\""))
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { line.append(UInt8(ascii: "\\")) }
            line += TerminalText.escaped(String(scalar)).utf8
        }
        line.append(UInt8(ascii: "\""))
    }
}
