import Testing

@testable import Mail

@Suite struct OutboxTrafficTests {
    @Test func `no mail goes while what was done with another cannot be written`() async throws {
        let traffic = OutboxTraffic(OutboxPolicy())
        traffic.cannotWrite()
        let (stream, went) = AsyncStream.makeStream(of: String.self)
        let waiter = Task {
            await traffic.room(now: { 0 }, sleep: { _ in })
            went.yield("a mail went")
        }
        // Long enough for one that does not wait.
        try await Task.sleep(for: .milliseconds(50))
        went.yield("it was written")
        traffic.hasWritten()
        await waiter.value
        went.finish()
        #expect(await stream.reduce(into: []) { $0.append($1) } == ["it was written", "a mail went"])
    }
}
