import Identity

/// What is known while a transcript is played.
struct TranscriptStage {
    let recording: Bool
    var address = "127.0.0.1"
    var response: WireResponse?
    var exchanges = 0
    private var captures: [String: String] = [:]
    private var mismatches: [TranscriptMismatch] = []
    private var lines: [String] = []

    init(recording: Bool) { self.recording = recording }

    var report: TranscriptReport {
        TranscriptReport(
            mismatches: mismatches, exchanges: exchanges, recorded: lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n")
    }

    mutating func keep(_ block: TranscriptBlock) { lines += block.lines }

    mutating func mismatch(_ block: TranscriptBlock, _ part: String, expected: String, actual: String) {
        mismatches.append(TranscriptMismatch(line: block.line, part: part, expected: expected, actual: actual))
    }

    /// The text with captures filled in.
    mutating func fill(_ text: String, _ block: TranscriptBlock) -> String {
        switch TranscriptPattern(text).filled(captures) {
        case .success(let filled): return filled
        case .failure(let unknown):
            mismatch(block, "capture", expected: unknown.name, actual: "nothing was captured by this name")
            return text
        }
    }

    mutating func wire(_ request: TranscriptRequest, _ block: TranscriptBlock) -> WireRequest {
        let target = fill(request.target, block)
        let question = target.firstIndex(of: "?")
        let headers = request.headers.map { (name: $0.name.lowercased(), value: fill($0.value, block)) }
        var body = fill(request.body, block)
        if headers.contains(where: { $0.name == "content-type" && $0.value.lowercased().hasPrefix("multipart/") }), !body.isEmpty {
            body = body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
            if !body.hasSuffix("\r\n") { body += "\r\n" }
        }
        return WireRequest(
            method: request.method, path: String(question.map { target[..<$0] } ?? target[...]),
            query: question.map { String(target[target.index(after: $0)...]) }, headers: headers, body: Array(body.utf8), address: address)
    }

    // MARK: Judging

    mutating func unanswered(_ block: TranscriptBlock) {
        guard let response else { return }
        guard recording else { return mismatch(block, "answer", expected: "none", actual: "=> \(response.status)") }
        if lines.last != "" { lines.append("") }
        let written = TranscriptRecorder.answer(response, instead: nil, captures: captures)
        capture(written, response)
        lines += written + [""]
    }

    mutating func judge(_ expected: TranscriptAnswer, _ block: TranscriptBlock) {
        guard let response else {
            keep(block)
            return mismatch(block, "answer", expected: "=> \(expected.status ?? 0)", actual: "nothing was asked")
        }
        let differences = differences(expected, response)
        guard !differences.isEmpty else { return keep(block) }
        if recording {
            let written = TranscriptRecorder.answer(response, instead: expected, captures: captures)
            capture(written, response)
            return replace(block, by: written)
        }
        for difference in differences { mismatch(block, difference.part, expected: difference.expected, actual: difference.actual) }
        keep(block)
    }

    mutating func judge(_ mail: TranscriptMail?, address: String, subject: String?, text: String?, _ block: TranscriptBlock) {
        guard var mail else {
            keep(block)
            return mismatch(block, "mail", expected: subject ?? "a mail", actual: "there is none for \(address)")
        }
        mail.text = Self.withoutLastLineEnds(mail.text)
        let isSubject = subject.map { TranscriptPattern($0).matches(mail.subject, captures: &captures) } ?? false
        let isText = text.map { TranscriptPattern(Self.withoutLastLineEnds($0)).matches(mail.text, captures: &captures) } ?? false
        if isSubject, isText { return keep(block) }
        if recording {
            let head = block.lines[0].dropFirst("mail ".count)
            let written = TranscriptRecorder.mail(mail, to: String(head), instead: text)
            if case .mail(_, _, let text?)? = try? TranscriptBlock(written, line: block.line).kind {
                _ = TranscriptPattern(text).matches(mail.text, captures: &captures)
            }
            return replace(block, by: written)
        }
        if let subject, !isSubject { mismatch(block, "subject", expected: subject, actual: mail.subject) }
        if let text, !isText { mismatch(block, "text", expected: text, actual: mail.text) }
        if subject == nil { mismatch(block, "subject", expected: "nothing recorded yet", actual: mail.subject) }
        keep(block)
    }

    mutating func judgeToken(_ name: String, header: String?, claims: String?, _ block: TranscriptBlock) {
        let parts = (captures[name] ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let first = Base64URL.decode(parts[0].utf8), let second = Base64URL.decode(parts[1].utf8) else {
            keep(block)
            return mismatch(block, "token", expected: name, actual: captures[name] ?? "nothing was captured by this name")
        }
        let actual = (header: String(decoding: first, as: UTF8.self), claims: String(decoding: second, as: UTF8.self))
        let isHeader = header.map { TranscriptPattern($0).matches(actual.header, captures: &captures) } ?? false
        let isClaims = claims.map { TranscriptPattern($0).matches(actual.claims, captures: &captures) } ?? false
        if isHeader, isClaims { return keep(block) }
        if recording {
            let claims = TranscriptRecorder.recaptured(actual.claims, by: claims ?? "")
            _ = TranscriptPattern(claims).matches(actual.claims, captures: &captures)
            return replace(block, by: [block.lines[0], actual.header, claims])
        }
        if !isHeader { mismatch(block, "header", expected: header ?? "nothing recorded yet", actual: actual.header) }
        if !isClaims { mismatch(block, "claims", expected: claims ?? "nothing recorded yet", actual: actual.claims) }
        keep(block)
    }

    // MARK: Comparing

    private typealias Difference = (part: String, expected: String, actual: String)

    private mutating func differences(_ expected: TranscriptAnswer, _ response: WireResponse) -> [Difference] {
        var differences: [Difference] = []
        if expected.status != response.status {
            differences.append(("status", expected.status.map(String.init) ?? "nothing recorded yet", String(response.status)))
        }
        for header in expected.headers {
            let values = response.headers.filter { $0.name.lowercased() == header.name.lowercased() }.map(\.value)
            let pattern = TranscriptPattern(header.value)
            if !values.contains(where: { pattern.matches($0, captures: &captures) }) {
                differences.append((header.name, header.value, values.isEmpty ? "absent" : values.joined(separator: " | ")))
            }
        }
        let body = String(decoding: response.body, as: UTF8.self)
        if !TranscriptPattern(expected.body).matches(body, captures: &captures) { differences.append(("body", expected.body, body)) }
        return differences
    }

    /// Takes the captures out of what was just recorded.
    private mutating func capture(_ written: [String], _ response: WireResponse) {
        guard case .answer(let answer)? = try? TranscriptBlock(written, line: 1).kind else { return }
        _ = differences(answer, response)
    }

    /// Puts lines in the block's place, the empty lines behind it kept.
    private mutating func replace(_ block: TranscriptBlock, by written: [String]) {
        let gap = block.lines.reversed().prefix { $0.isEmpty }.count
        lines += written + Array(repeating: "", count: gap)
    }

    private static func withoutLastLineEnds(_ text: String) -> String {
        var scalars = text.unicodeScalars
        while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
        return String(scalars)
    }
}
