import DialectEngine
import Identity
import Synchronization

/// What a listener serves at this moment; a reload puts another table in its place, and requests under way end with the one they began with.
final class LiveFrontends: EdgeResponder {
    private let table: Mutex<FrontendTable>
    private let replacements = Atomic<UInt64>(0)

    /// Where requests for no frontend are counted.
    private let nobody: RouteMeter

    init(_ table: FrontendTable, nobody: RouteMeter) {
        self.table = Mutex(table)
        self.nobody = nobody
    }

    /// What is served now.
    var frontends: [FrontendRuntime] { table.withLock(\.frontends) }

    var generation: UInt64 { replacements.load(ordering: .acquiring) }

    func replace(_ table: FrontendTable) {
        self.table.withLock { $0 = table }
        replacements.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    func plan(_ request: EdgeRequest) -> EdgePlan { frontend(for: request)?.plan(request) ?? .outcome(.answer(nobody(404))) }

    func serve(_ request: EdgeRequest) async -> EdgeOutcome {
        guard let frontend = frontend(for: request) else { return .answer(nobody(404)) }
        return await frontend.serve(request)
    }

    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer {
        let likely = table.withLock { $0.likely(request) }
        guard let likely else { return nobody(fault.plainStatus, fault.kind) }
        return likely.refusal(fault, of: request)
    }

    private func frontend(for request: EdgeRequest) -> FrontendRuntime? {
        table.withLock { $0.frontend(host: request.host, path: request.wire.path) }
    }

    /// There is no dialect whose words these could be.
    private func nobody(_ status: Int, _ failure: FailureKind = .notFound) -> EdgeAnswer {
        EdgeAnswer(response: WireResponse(status: status), meter: nobody, failure: failure)
    }
}
