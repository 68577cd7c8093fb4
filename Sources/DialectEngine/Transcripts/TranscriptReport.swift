/// How a conversation went.
package struct TranscriptReport: Sendable {
    package var mismatches: [TranscriptMismatch] = []
    /// Requests that were made.
    package var exchanges = 0
    /// The transcript with what really came, captures kept; the same text when nothing differed.
    package var recorded = ""
}

/// Something that came otherwise than a transcript says.
package struct TranscriptMismatch: Sendable, Hashable, CustomStringConvertible {
    /// Of the block, counted from 1.
    package var line: Int
    /// `status`, `body`, a header's name, `subject` ...
    package var part: String
    package var expected: String
    package var actual: String

    package var description: String {
        "line \(line): \(part)\n  expected \(expected)\n  came     \(actual)"
    }
}

/// A mail as transcripts compare it.
package struct TranscriptMail: Sendable, Hashable {
    package var subject: String
    /// The plain part.
    package var text: String

    package init(subject: String, text: String) {
        self.subject = subject
        self.text = text
    }
}
