import DialectEngine
import Logging

/// One line for each request, without query, body, token or cookie.
struct AccessLog: Sendable {
    let log: Logger
    let counts: RequestCounts

    /// `bytes` are those of the body.
    func write(_ answer: EdgeAnswer, request: EdgeRequest, took: Duration, bytes: Int? = nil) {
        counts.count(answer, took: took)
        guard log.logLevel <= .info else { return }
        log.info(
            "request",
            metadata: [
                "frontend": "\(answer.frontend ?? "-")", "route": "\(answer.route ?? "-")", "method": "\(request.wire.method)",
                "status": "\(answer.response.status)", "ms": "\(Self.milliseconds(took))",
                "bytes": "\(bytes ?? answer.response.body.count)",
                "request": "\(request.id)", "client": "\(request.wire.address)",
            ])
    }

    /// A request that was refused before it was one.
    func write(refused answer: EdgeAnswer, method: String?, peer: String) {
        counts.count(answer, took: .zero)
        log.info(
            "request refused",
            metadata: [
                "frontend": "\(answer.frontend ?? "-")", "method": "\(method ?? "-")", "status": "\(answer.response.status)",
                "client": "\(peer)",
            ])
    }

    /// With one digit after the point.
    private static func milliseconds(_ span: Duration) -> String {
        let tenths = span.components.seconds * 10_000 + span.components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
