import Identity

/// Writes what really came in place of what a transcript expected, and keeps its captures where their surroundings are still there.
struct TranscriptRecorder {
    /// Header fields of an answer that is recorded for the first time.
    private static let noted = ["content-type", "location", "allow", "retry-after"]

    static func answer(_ response: WireResponse, instead expected: TranscriptAnswer?, captures: [String: String]) -> [String] {
        var lines = ["=> \(response.status)"]
        if let expected, expected.status != nil {
            for header in expected.headers {
                guard let value = response.headers.first(where: { $0.name.lowercased() == header.name.lowercased() })?.value else {
                    continue
                }
                lines.append("\(header.name): \(recaptured(value, by: header.value))")
            }
        } else {
            for name in noted {
                guard let header = response.headers.first(where: { $0.name.lowercased() == name }) else { continue }
                lines.append("\(header.name): \(header.value)")
            }
        }
        let body = recaptured(String(decoding: response.body, as: UTF8.self), by: expected?.body ?? "")
        return lines + below(used(captures, in: body))
    }

    static func mail(_ mail: TranscriptMail, to address: String, instead text: String?) -> [String] {
        let body = text == nil ? secretsCaptured(mail.text) : recaptured(mail.text, by: text ?? "")
        return ["mail \(address)", "Subject: \(mail.subject)"] + below(body)
    }

    /// The text with what was captured before named instead of repeated, where it is long enough to be no chance.
    private static func used(_ captures: [String: String], in text: String) -> String {
        captures.filter { $0.value.utf8.count >= 16 }.sorted { $0.key < $1.key }.reduce(text) { text, capture in
            text.replacing(capture.value, with: "{{\(capture.key)}}")
        }
    }

    private static func below(_ text: String) -> [String] {
        text.isEmpty ? [] : [""] + TranscriptBlock.lines(of: text)
    }

    /// The text with the old captures set again, each behind the words that led to it before; tokens are captured in any case.
    static func recaptured(_ text: String, by old: String) -> String {
        let pieces = TranscriptPattern(old).pieces
        var done = ""
        var rest = text[...]
        for (index, piece) in pieces.enumerated() {
            guard case .capture(let name, let prefix) = piece, index > 0, case .literal(let before) = pieces[index - 1] else { continue }
            let lead = before.suffix { !"{,[\n".contains($0) }
            guard !lead.isEmpty, let place = rest.firstRange(of: lead) else { continue }
            let value = captured(rest[place.upperBound...])
            guard value.hasPrefix(prefix), !value.isEmpty else { continue }
            done += rest[..<place.upperBound] + hole(name, prefix)
            rest = rest[value.endIndex...]
        }
        return tokensCaptured(done + rest)
    }

    /// Each signed token as a capture under its member's name.
    private static func tokensCaptured(_ text: String) -> String {
        var done = ""
        var rest = text[...]
        while let place = rest.firstRange(of: "eyJ") {
            let value = captured(rest[place.lowerBound...])
            let parts = value.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts.allSatisfy({ Base64URL.decode($0.utf8) != nil && !$0.isEmpty }) else {
                done += rest[..<place.upperBound]
                rest = rest[place.upperBound...]
                continue
            }
            let before = rest[..<place.lowerBound]
            done += before + hole(member(endingAt: before) ?? "token", "\(parts[0]).")
            rest = rest[value.endIndex...]
        }
        return done + rest
    }

    /// The codes and the links' tokens of a mail as captures.
    private static func secretsCaptured(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            if (4...10).contains(line.utf8.count), line.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
                return hole("code", "")
            }
            guard let scheme = line.firstRange(of: "://"), let equals = line[scheme.upperBound...].firstIndex(of: "=") else {
                return String(line)
            }
            let start = line.index(after: equals)
            let value = captured(line[start...])
            return value.utf8.count < 16 ? String(line) : line[..<start] + hole("link", "") + line[value.endIndex...]
        }.joined(separator: "\n")
    }

    private static func hole(_ name: String, _ prefix: String) -> String {
        prefix.isEmpty ? "{{\(name):}}" : "{{\(name): \(prefix)…}}"
    }

    private static func captured(_ text: Substring) -> Substring {
        let run = text.utf8.prefix { TranscriptPattern.isCaptured($0) }
        return text[run.startIndex..<run.endIndex]
    }

    /// The name in `"name":"` at the end of the text.
    private static func member(endingAt text: Substring) -> String? {
        guard text.hasSuffix("\":\"") else { return nil }
        let name = text.dropLast(3).suffix { $0 != "\"" }
        return name.isEmpty ? nil : String(name)
    }
}

extension StringProtocol {
    /// The longest end of the text whose characters all hold.
    fileprivate func suffix(_ holds: (Character) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex, holds(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
