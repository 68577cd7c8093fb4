import DialectEngine
import Identity
import Logging
import Synchronization
import Testing

@testable import Gateway

@Suite struct AccessLogTests {
    private final class Written: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock(\.self) }

        func log(_ format: LogFormat) -> LineLog {
            LineLog(format: format, now: { Instant(seconds: 1_800_000_000) }) { line in
                self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
    }

    /// Our log as one of somebody else's.
    private struct Wrapped: LogHandler {
        var inner: LineLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { inner.log(event: event) }
    }

    /// The lines of a request and of a refused one, without the time that the first took.
    private static func lines(_ written: Written, _ log: Logger) throws -> [String] {
        var raw = RawHead()
        let bytes = Array("GET /me HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(bytes.withUnsafeBytes { raw.read($0, limit: 9) })
        let head = try CheckedHead(raw, limits: EdgeLimits(), address: "192.0.2.1")
        let arrival = Arrival(head, EdgeRequest(wire: head.wire), generation: 0)
        let access = AccessLog(log: log)
        let exchange = Exchange(arrival, id: RequestIDs(random: { [UInt8](repeating: 0, count: $0) }).next(sent: nil))
        access.write(200, at: RouteMeter(frontend: "one", route: "GET /me"), nil, of: exchange, bytes: 17)
        access.write(502, at: RouteMeter(frontend: "one", route: "guard /x"), nil, of: exchange, bytes: 17, cause: "upstream app: broken")
        access.write(refused: EdgeAnswer(response: WireResponse(status: 400)), method: nil, peer: "192.0.2.2")
        return written.all.map { $0.replacing(/\bms(":"|=)[0-9]+\.[0-9]/) { "ms\($0.1)0.0" } }
    }

    @Test func `a request is one line of what may be known of it`() throws {
        let written = Written()
        let lines = try Self.lines(written, Logger(label: "test") { _ in written.log(.json) })
        #expect(
            lines == [
                #"{"time":"2027-01-15T08:00:00.000Z","level":"info","event":"request","bytes":"17","client":"192.0.2.1","frontend":"one","#
                    + #""method":"GET","ms":"0.0","request":"9e3779b97f4a7c15","route":"GET /me","status":"200"}"# + "\n",
                #"{"time":"2027-01-15T08:00:00.000Z","level":"info","event":"request","bytes":"17","cause":"upstream app: broken","#
                    + #""client":"192.0.2.1","frontend":"one","method":"GET","ms":"0.0","request":"9e3779b97f4a7c15","route":"guard /x","#
                    + #""status":"502"}"# + "\n",
                #"{"time":"2027-01-15T08:00:00.000Z","level":"info","event":"request refused","client":"192.0.2.2","frontend":"-","#
                    + #""method":"-","status":"400"}"# + "\n",
            ])
    }

    @Test(arguments: LogFormat.allCases)
    func `the short way to our own log writes what the long way would`(format: LogFormat) throws {
        let (short, long) = (Written(), Written())
        let ours = try Self.lines(short, Logger(label: "test") { _ in short.log(format) })
        let others = try Self.lines(long, Logger(label: "test") { _ in Wrapped(inner: long.log(format)) })
        #expect(ours == others && ours.count == 3)
    }

    @Test func `a log above its level is told nothing`() throws {
        let written = Written()
        var log = Logger(label: "test") { _ in written.log(.text) }
        log.logLevel = .warning
        #expect(try Self.lines(written, log).isEmpty)
    }
}
