/// How a line of the log is written.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// `time=… level=… event="…" key=value`.
    case text
    /// One JSON object a line.
    case json
}
