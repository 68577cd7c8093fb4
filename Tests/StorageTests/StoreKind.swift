import Foundation
import Identity
import Storage
import TestSupport
import Testing

/// The stores that the conformance suite runs over.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case memory, sqlite, postgres

    var testDescription: String { rawValue }

    /// Runs the body with a fresh store and takes it away afterwards.
    func withStore(_ body: (any IdentityStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryStore())
        case .sqlite:
            try await withFolder { folder in
                let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
                do {
                    try await body(store)
                } catch {
                    await store.close()
                    throw error
                }
                await store.close()
            }
        case .postgres:
            try await PostgresCluster.common().withDatabase { url in
                let store = try await SQLStore.postgres(url: url, now: .start)
                do {
                    try await body(store)
                } catch {
                    await store.close()
                    throw error
                }
                await store.close()
            }
        }
    }
}

/// Runs the body with the path of a folder that is there only for it.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "dragoman-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}

/// Runs the body `count` times at once and gives what each came to.
func together<Result: Sendable>(
    _ count: Int, _ body: @escaping @concurrent @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        var results: [Result] = []
        for try await result in group { results.append(result) }
        return results
    }
}
