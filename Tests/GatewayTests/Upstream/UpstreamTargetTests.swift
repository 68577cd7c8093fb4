import NIOCore
import Testing

@testable import Gateway

@Suite struct UpstreamTargetTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func target() throws -> UpstreamTarget { UpstreamTarget(try #require(UpstreamAddress(host: "127.0.0.1", port: 1))) }

    @Test(arguments: [(UpstreamTarget.Failure.connect, 3), (.timeout, 5)])
    func `failures in a row make an address rest, longer each time, until it answers`(kind: UpstreamTarget.Failure, limit: Int) throws {
        let target = try target()
        var now = start
        for _ in 1..<limit { target.failed(kind, at: now) }
        #expect(!target.isDown(at: now))
        target.failed(kind, at: now)
        for rest in [10, 20, 40, 60, 60] {
            #expect(target.isDown(at: now + .seconds(Int64(rest)) - .nanoseconds(1)))
            // What fails meanwhile was under way before.
            target.failed(kind, at: now + .seconds(1))
            now = now + .seconds(Int64(rest))
            #expect(!target.isDown(at: now))
            target.failed(kind, at: now)
        }
        target.answered()
        #expect(!target.isDown(at: now))
        target.failed(kind, at: now)
        #expect(!target.isDown(at: now))
    }

    @Test func `an answer between failures starts the count anew`() throws {
        let target = try target()
        for _ in 0..<10 {
            target.failed(.connect, at: start)
            target.failed(.connect, at: start)
            target.answered()
        }
        #expect(!target.isDown(at: start))
    }

    @Test func `addresses take turns, those that rest excepted; when all rest they are tried anyway`() {
        let upstream = Upstream.at(1, 2, 3)
        #expect((0..<6).map { _ in upstream.nextTarget(except: []) } == [0, 1, 2, 0, 1, 2])
        for _ in 0..<3 { upstream.targets[1].failed(.connect, at: .now()) }
        #expect(Set((0..<6).map { _ in upstream.nextTarget(except: []) }) == [0, 2])
        #expect(upstream.nextTarget(except: [0, 2]) == 1)
        #expect(upstream.nextTarget(except: [0, 1, 2]) == nil)
        for target in upstream.targets {
            for _ in 0..<3 { target.failed(.connect, at: .now()) }
        }
        #expect(Set((0..<6).map { _ in upstream.nextTarget(except: []) }) == [0, 1, 2])
    }

    @Test func `a port that is none never becomes an address`() {
        for port in [0, -1, 65_536, 18_090_443, Int.max] { #expect(UpstreamAddress(host: "127.0.0.1", port: port) == nil) }
        #expect(UpstreamAddress(host: "::1", port: 80)?.authority == "[::1]")
        #expect(UpstreamAddress(host: "app", port: 8080)?.authority == "app:8080")
    }
}
