import DialectEngine
import Identity
import Logging

/// One line for each request, without query, body, token or cookie; each is counted, too.
struct AccessLog: Sendable {
    private let log: Logger
    private let isOn: Bool

    init(log: Logger) {
        self.log = log
        isOn = log.logLevel <= .info
    }

    func write(_ answer: EdgeAnswer, of exchange: Exchange) {
        write(answer.response.status, at: answer.meter, answer.failure, of: exchange, bytes: answer.response.body.count)
    }

    /// `bytes` are those of the body.
    func write(_ status: Int, at meter: RouteMeter?, _ failure: FailureKind?, of exchange: Exchange, bytes: Int) {
        let took = .now - exchange.started
        meter?.count(status, failure: failure, took: took)
        guard isOn else { return }
        let wire = exchange.arrival.request.wire
        log.info(
            "request",
            metadata: [
                "frontend": "\(meter?.frontend ?? "-")", "route": "\(meter?.route ?? "-")", "method": "\(wire.method)",
                "status": "\(status)", "ms": "\(Self.milliseconds(took))", "bytes": "\(bytes)", "request": "\(exchange.id)",
                "client": "\(wire.address)",
            ])
    }

    /// A request that was refused before it was one.
    func write(refused answer: EdgeAnswer, method: String?, peer: String) {
        answer.meter?.count(answer.response.status, failure: answer.failure, took: .zero)
        log.info(
            "request refused",
            metadata: [
                "frontend": "\(answer.meter?.frontend ?? "-")", "method": "\(method ?? "-")", "status": "\(answer.response.status)",
                "client": "\(peer)",
            ])
    }

    /// With one digit after the point.
    private static func milliseconds(_ span: Duration) -> String {
        let tenths = span.components.seconds * 10_000 + span.components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
