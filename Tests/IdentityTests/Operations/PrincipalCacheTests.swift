import Identity
import Testing

@Suite struct PrincipalCacheTests {
    private let mark = ChangeMark()

    @Test func `a store that has been written to makes memories stale before the write is answered`() async throws {
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        try await store.write { _ in }
        #expect(mark.current != before)
    }

    @Test func `a write that throws moves the mark as well`() async {
        struct Refused: Error {}
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        await #expect(throws: Refused.self) { try await store.write { _ in throw Refused() } }
        #expect(mark.current != before)
    }

    @Test func `reading moves no mark`() async throws {
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        _ = try await store.read { try $0.accountCount(realm: "r") }
        #expect(mark.current == before)
    }
}
