extension String {
    /// The text that bytes spell in UTF-8; nil where they spell none, as nothing is repaired, or where marks pile up without end.
    ///
    /// Swift's `==`, `<` and hashes put the marks of a letter into one order, in quadratic time: with a hundred thousand of them on one letter a
    /// comparison takes seconds. So there may be thirty, as in the Stream-Safe Text Format (UAX #15, section 13), and whatever was read by this
    /// is compared in linear time.
    package init?(strictUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        // What checks any encoding costs several times as much, and most that comes is ASCII.
        if bytes.allSatisfy({ $0 < 0x80 }) {
            self.init(decoding: bytes, as: UTF8.self)
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self), text.marksAreFew else { return nil }
        self = text
    }

    package init?(strictUTF8 bytes: [UInt8]) {
        guard let text = bytes.withUnsafeBufferPointer({ String(strictUTF8: $0) }) else { return nil }
        self = text
    }

    private static let mostMarks = 30

    private var marksAreFew: Bool {
        var marks = 0
        for scalar in unicodeScalars {
            guard scalar.isMark else {
                marks = 0
                continue
            }
            marks += 1
            guard marks <= Self.mostMarks else { return false }
        }
        return true
    }
}

extension Unicode.Scalar {
    /// Whether it is ordered among its neighbours when texts are compared.
    fileprivate var isMark: Bool {
        switch value {
        case ..<0x300: false
        // Starters that are decomposed into marks.
        case 0x0F73, 0x0F75, 0x0F81: true
        default: properties.canonicalCombiningClass != .notReordered
        }
    }
}
