/// One block of a transcript, and its lines as written.
package struct TranscriptBlock: Sendable {
    package enum Kind: Sendable {
        case words
        case request(TranscriptRequest)
        case answer(TranscriptAnswer)
        case mail(address: String, subject: String?, text: String?)
        case noMail(address: String)
        /// Nil: not recorded yet.
        case token(name: String, header: String?, claims: String?)
        case clock(Duration)
        case from(address: String)
        case act(TranscriptAct)
        case setting(name: String, value: String)
    }

    package var kind: Kind
    /// Where it begins, counted from 1.
    package var line: Int
    /// As written, the empty lines behind it included.
    package var lines: [String]

    init(kind: Kind, line: Int, lines: [String]) {
        self.kind = kind
        self.line = line
        self.lines = lines
    }
}

package struct TranscriptRequest: Sendable, Hashable {
    package var method: String
    /// Path and query.
    package var target: String
    package var headers: [TranscriptHeader]
    package var body: String
}

package struct TranscriptAnswer: Sendable, Hashable {
    /// Nil: not recorded yet.
    package var status: Int?
    package var headers: [TranscriptHeader]
    package var body: String
}

package struct TranscriptHeader: Sendable, Hashable {
    package var name: String
    package var value: String
}

/// What an operator does between two requests: `operator role ana@example.com admin`.
package struct TranscriptAct: Sendable, Hashable {
    /// `suspend`, `role`, `attribute` and whatever else the player's owner knows.
    package var verb: String
    package var arguments: [String]
}

// MARK: Reading

extension TranscriptBlock {
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    static func isHead(_ line: String) -> Bool {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        switch words[0] {
        case let word where word.hasPrefix("#"): return true
        case "=>": return words.count == 1 || (words.count == 2 && Int(words[1]) != nil)
        case "mail", "from", "clock", "token": return words.count == 2 && !words[1].isEmpty
        case "no": return words.count == 3 && words[1] == "mail"
        case "operator": return words.count > 1
        case "setting": return words.count == 3 && !words[1].isEmpty && !words[2].isEmpty
        case let word: return methods.contains(String(word)) && words.count == 2 && words[1].hasPrefix("/")
        }
    }

    /// Whether nothing but its head belongs to the block.
    static func isOneLine(_ head: String) -> Bool {
        head.hasPrefix("#") || ["no", "from", "clock", "operator", "setting"].contains(head.prefix { $0 != " " })
    }

    init(_ lines: [String], line: Int) throws(TranscriptFault) {
        let head = lines[0]
        let words = head.split(separator: " ").map(String.init)
        self.line = line
        self.lines = lines
        if Self.isOneLine(head),
            let stray = lines.dropFirst().firstIndex(where: { !$0.isEmpty && !(head.hasPrefix("#") && $0.hasPrefix("#")) })
        {
            throw TranscriptFault(line: line + stray, message: "no block begins so")
        }
        if head.hasPrefix("#") {
            kind = .words
            return
        }
        switch words[0] {
        case "no": kind = .noMail(address: words[2])
        case "from": kind = .from(address: words[1])
        case "setting": kind = .setting(name: words[1], value: words[2])
        case "operator": kind = .act(TranscriptAct(verb: words[1], arguments: Array(words.dropFirst(2))))
        case "clock":
            guard let span = Self.span(words[1]) else { throw TranscriptFault(line: line, message: "a clock is moved by `+30m`") }
            kind = .clock(span)
        case "token":
            let parts = lines.dropFirst().filter { !$0.isEmpty }
            guard parts.count == 0 || parts.count == 2 else {
                throw TranscriptFault(line: line, message: "a token has its header and its claims below, a line each")
            }
            kind = .token(name: words[1], header: parts.first, claims: parts.last)
        case "mail":
            let (headers, text) = try Self.parts(lines, line: line)
            let subject = headers.first { $0.name.lowercased() == "subject" }?.value
            kind = .mail(address: words[1], subject: subject, text: text.isEmpty ? nil : text)
        case "=>":
            let (headers, body) = try Self.parts(lines, line: line)
            kind = .answer(TranscriptAnswer(status: words.count > 1 ? Int(words[1]) : nil, headers: headers, body: body))
        default:
            let (headers, body) = try Self.parts(lines, line: line)
            kind = .request(TranscriptRequest(method: words[0], target: words[1], headers: headers, body: body))
        }
    }

    /// The header lines below the head, and the text below the first empty line.
    private static func parts(_ lines: [String], line: Int) throws(TranscriptFault) -> ([TranscriptHeader], String) {
        var headers: [TranscriptHeader] = []
        var index = 1
        while index < lines.count, !lines[index].isEmpty {
            guard let colon = lines[index].firstIndex(of: ":") else {
                throw TranscriptFault(line: line + index, message: "a header line has a colon; a body begins after an empty line")
            }
            let value = lines[index][lines[index].index(after: colon)...].drop { $0 == " " }
            headers.append(TranscriptHeader(name: String(lines[index][..<colon]), value: String(value)))
            index += 1
        }
        var body = Array(lines.dropFirst(index + 1))
        while body.last == "" { body.removeLast() }
        return (headers, body.map { $0.hasPrefix("\\") ? String($0.dropFirst()) : $0 }.joined(separator: "\n"))
    }

    /// The lines in which a text is written below a block's head.
    static func lines(of text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.enumerated().map { index, line in
            let isLastAndEmpty = index == lines.count - 1 && line.isEmpty
            return line.hasPrefix("\\") || isHead(line) || isLastAndEmpty ? "\\" + line : line
        }
    }

    /// `+1h30m`.
    private static func span(_ text: String) -> Duration? {
        guard text.hasPrefix("+"), text.count > 1 else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var seconds: Int64 = 0
        var digits = ""
        for character in text.dropFirst() {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units[character], let number = Int64(digits), number < 1_000_000_000 else { return nil }
            seconds += number * unit
            digits = ""
        }
        return digits.isEmpty ? .seconds(seconds) : nil
    }
}
