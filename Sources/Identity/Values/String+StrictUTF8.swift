extension String {
    /// The text that bytes spell in UTF-8; nil where they spell none, as nothing is repaired.
    package init?(strictUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        // What checks any encoding costs several times as much, and most that comes is ASCII.
        guard !bytes.allSatisfy({ $0 < 0x80 }) else {
            self.init(decoding: bytes, as: UTF8.self)
            return
        }
        self.init(validating: bytes, as: UTF8.self)
    }
}
