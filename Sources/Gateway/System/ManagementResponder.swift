import DialectEngine
import Identity

/// The operator's own routes: `/healthz`, `/readyz`, `/metrics`.
///
/// They never stand on a frontend's address.
struct ManagementResponder: EdgeResponder {
    let store: any IdentityStore
    let readiness: Readiness
    let mark: ChangeMark
    let scrape: Scrape

    var generation: UInt64 { 0 }

    func plan(_ request: EdgeRequest) -> EdgePlan { .whole(limit: 0) }

    func serve(_ request: EdgeRequest) async -> EdgeOutcome { .answer(await answer(request)) }

    private func answer(_ request: EdgeRequest) async -> EdgeAnswer {
        guard request.wire.method == "GET" || request.wire.method == "HEAD" else { return text(405, "method not allowed\n", allow: true) }
        switch request.wire.path {
        case "/healthz": return text(200, "ok\n")
        case "/readyz": return await readyz()
        case "/metrics": return text(200, await scrape.text(), type: MetricsPage.contentType)
        default: return text(404, "not found\n")
        }
    }

    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer { text(fault.plainStatus, "bad request\n") }

    /// Asks the store itself, for no longer than two seconds.
    private func readyz() async -> EdgeAnswer {
        switch readiness.phase {
        case .starting: return text(503, "starting\n")
        case .draining: return text(503, "draining\n")
        case .serving: break
        }
        guard await StoreProbe(store: store).answers() else { return text(503, "the store does not answer\n") }
        // Another instance may sign with a key that this one does not know.
        guard !readiness.missesKeys(at: SystemClock.uptime()) else { return text(503, "the keys cannot be read\n") }
        // Slower, and as safe: no reason to send clients elsewhere.
        return text(200, mark.isTrusted ? "ready\n" : "ready, though deaf to other instances: every request asks the store\n")
    }

    private func text(
        _ status: Int, _ words: String, type: String = "text/plain; charset=utf-8", allow: Bool = false
    ) -> EdgeAnswer {
        var headers = [(name: "Content-Type", value: type), (name: "Cache-Control", value: "no-store")]
        if allow { headers.append((name: "Allow", value: "GET, HEAD")) }
        return EdgeAnswer(response: WireResponse(status: status, headers: headers, body: Array(words.utf8)))
    }
}
