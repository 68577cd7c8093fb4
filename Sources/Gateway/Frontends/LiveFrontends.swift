import DialectEngine
import Synchronization

/// What a listener serves at this moment; a reload puts another table in its place, and requests under way end with the one they began with.
final class LiveFrontends: EdgeResponder {
    private let table: Mutex<FrontendTable>
    private let replacements = Atomic<UInt64>(0)

    init(_ table: FrontendTable) { self.table = Mutex(table) }

    var generation: UInt64 { replacements.load(ordering: .acquiring) }

    func replace(_ table: FrontendTable) {
        self.table.withLock { $0 = table }
        replacements.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    func plan(_ request: EdgeRequest) -> EdgePlan { frontend(for: request)?.plan(request) ?? .outcome(.answer(Self.nobody(404))) }

    func serve(_ request: EdgeRequest) async -> EdgeOutcome {
        guard let frontend = frontend(for: request) else { return .answer(Self.nobody(404)) }
        return await frontend.serve(request)
    }

    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer {
        let likely = table.withLock { $0.likely(request) }
        guard let likely else { return Self.nobody(fault.plainStatus) }
        return likely.refusal(fault, of: request)
    }

    private func frontend(for request: EdgeRequest) -> FrontendRuntime? {
        table.withLock { $0.frontend(host: request.host, path: request.wire.path) }
    }

    /// There is no dialect whose words these could be.
    private static func nobody(_ status: Int) -> EdgeAnswer { EdgeAnswer(response: WireResponse(status: status)) }
}
