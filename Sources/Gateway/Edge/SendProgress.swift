/// How far a client is with what it is sent.
struct SendProgress {
    /// Bytes that its machine has acknowledged since the connection began.
    var taken: UInt64
    /// Some have not even found room in this machine's kernel: they are lost when the connection is closed.
    var isOwed: Bool
}
