import Foundation
import Identity
import Storage
import Testing

/// Numbers for people, printed when `DRAGOMAN_MEASURE` is set; nothing is judged.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DRAGOMAN_MEASURE"] != nil)) struct StoreMeasurement {
    @Test(arguments: StoreKind.allCases)
    func `reads of an account and writes by many at once`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...10_000)
            for callers in [1, 16, 64] {
                try await measure("\(kind) read by id, \(callers) at once", callers: callers, rounds: 20_000 / callers) { number in
                    _ = try await store.read { try $0.account(id: Sample.id(1 + number % 10_000), realm: "one") }
                }
                try await measure("\(kind) write of a counter, \(callers) at once", callers: callers, rounds: 5_000 / callers) { number in
                    _ = try await store.write { try $0.count("bucket \(number % 100)", window: .seconds(60), at: .start) }
                }
            }
        }
    }

    private func measure(
        _ name: String, callers: Int, rounds: Int, _ body: @escaping @concurrent @Sendable (Int) async throws -> Void
    ) async throws {
        let span = try await ContinuousClock().measure {
            _ = try await together(callers) { caller in
                for round in 0..<rounds { try await body(caller * rounds + round) }
            }
        }
        let each = Double(span.wholeMicroseconds) / Double(callers * rounds)
        print("\(name): \(Int(1_000_000 / each)) per second, \(Int(each)) us each")
    }
}
