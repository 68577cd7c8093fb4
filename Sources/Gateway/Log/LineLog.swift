import Glibc
package import Identity
package import Logging

/// Writes one line per event to standard error, whole lines at once.
///
/// What comes from outside is escaped, so no value can end a line, begin another or steer a terminal.
package struct LineLog: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level = .info
    private let format: LogFormat
    private let now: @Sendable () -> Instant
    private let write: @Sendable ([UInt8]) -> Void

    package init(
        format: LogFormat, now: @escaping @Sendable () -> Instant, write: @escaping @Sendable ([UInt8]) -> Void = LineLog.standardError
    ) {
        self.format = format
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var pairs: [(String, String)] = [
            ("time", now().iso8601Milliseconds), ("level", event.level.rawValue), ("event", event.message.description),
        ]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where event.metadata?[key] == nil {
            pairs.append((key, value.description))
        }
        for (key, value) in (event.metadata ?? [:]).sorted(by: { $0.key < $1.key }) { pairs.append((key, value.description)) }
        write(LogLine.bytes(pairs, format))
    }

    /// One `write` for a line; a log that cannot be written stops nothing.
    @Sendable package static func standardError(_ line: [UInt8]) {
        var left = line[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            left = left.dropFirst(count)
        }
    }
}
