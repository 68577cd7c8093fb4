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
        let own = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        append(event.level, event.message.description, own)
    }

    /// Writes one event with its own pairs, which come after those of the log.
    func append(_ level: Logger.Level, _ event: String, _ own: [(String, String)]) {
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(own.count + metadata.count + 3)
        pairs += [("time", now().iso8601Milliseconds), ("level", level.rawValue), ("event", event)]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where !own.contains(where: { $0.0 == key }) {
            pairs.append((key, value.description))
        }
        pairs += own
        write(LogLine.bytes(pairs, format))
    }

    @Sendable package static func standardError(_ line: [UInt8]) { _ = write(line, to: 2) }

    /// Waits until all is taken; a log that cannot be written stops nothing: what was not taken is given back.
    static func write(_ lines: [UInt8], to descriptor: Int32) -> ArraySlice<UInt8> {
        var left = lines[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                left = left.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody else has made the terminal or pipe one that does not wait.
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return left
    }
}
