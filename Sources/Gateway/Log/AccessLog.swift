import DialectEngine
import Identity
import Logging

/// One line for each request, without query, body, token or cookie; each is counted, too.
struct AccessLog: Sendable {
    private let log: Logger
    private let isOn: Bool
    /// Written to directly where the log is our own: a dictionary for each request would cost more than many a request.
    private let lines: LineLog?

    init(log: Logger) {
        self.log = log
        isOn = log.logLevel <= .info
        lines = log.handler as? LineLog
    }

    func write(_ answer: EdgeAnswer, of exchange: Exchange) {
        write(
            answer.response.status, at: answer.meter, answer.failure, of: exchange, bytes: answer.response.body.count, cause: answer.cause)
    }

    /// `bytes` are those of the body.
    func write(
        _ status: Int, at meter: RouteMeter?, _ failure: FailureKind?, of exchange: Exchange, bytes: Int, cause: String? = nil
    ) {
        let took = .now - exchange.started
        meter?.count(status, failure: failure, took: took)
        guard isOn else { return }
        let wire = exchange.arrival.request.wire
        var pairs = [
            ("bytes", String(bytes)), ("client", wire.address), ("frontend", meter?.frontend ?? "-"), ("method", wire.method),
            ("ms", Self.milliseconds(took)), ("request", exchange.id.description), ("route", meter?.route ?? "-"),
            ("status", String(status)),
        ]
        if let cause { pairs.insert(("cause", cause), at: 1) }
        write("request", pairs)
    }

    /// A request that was refused before it was one.
    func write(refused answer: EdgeAnswer, method: String?, peer: String) {
        answer.meter?.count(answer.response.status, failure: answer.failure, took: .zero)
        guard isOn else { return }
        write(
            "request refused",
            [
                ("client", peer), ("frontend", answer.meter?.frontend ?? "-"), ("method", method ?? "-"),
                ("status", String(answer.response.status)),
            ])
    }

    /// `pairs` are sorted by their names, as a log sorts them.
    private func write(_ event: String, _ pairs: [(String, String)]) {
        if let lines { return lines.append(.info, event, pairs) }
        log.info("\(event)", metadata: Logger.Metadata(uniqueKeysWithValues: pairs.map { ($0, .string($1)) }))
    }

    /// With one digit after the point.
    private static func milliseconds(_ span: Duration) -> String {
        let tenths = span.components.seconds * 10_000 + span.components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
