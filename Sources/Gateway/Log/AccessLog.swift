import DialectEngine
import Identity
import Logging

/// One line for each request, without query, body, token or cookie; each is counted, too.
struct AccessLog: Sendable {
    let log: Logger

    func write(_ answer: EdgeAnswer, request: EdgeRequest, took: Duration) {
        let response = answer.response
        write(response.status, at: answer.meter, answer.failure, request: request, took: took, bytes: response.body.count)
    }

    /// `bytes` are those of the body.
    func write(_ status: Int, at meter: RouteMeter?, _ failure: FailureKind?, request: EdgeRequest, took: Duration, bytes: Int) {
        meter?.count(status, failure: failure, took: took)
        guard log.logLevel <= .info else { return }
        log.info(
            "request",
            metadata: [
                "frontend": "\(meter?.frontend ?? "-")", "route": "\(meter?.route ?? "-")", "method": "\(request.wire.method)",
                "status": "\(status)", "ms": "\(Self.milliseconds(took))", "bytes": "\(bytes)", "request": "\(request.id)",
                "client": "\(request.wire.address)",
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
