import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

@Suite struct ConnectionDeadlinesTests {
    /// Connections of one loop whose time the test makes go by.
    private struct World {
        let loop = EmbeddedEventLoop()
        let counted: CountedLoop
        let clock: DeadlineClock

        init() {
            counted = CountedLoop(loop)
            clock = DeadlineClock(loop: counted)
        }

        /// To a client that has taken all of what it was sent, unless something else is said.
        func connection(
            progress: @escaping () -> SendProgress = { SendProgress(taken: 0, isOwed: false) }
        ) throws -> (channel: EmbeddedChannel, deadlines: ConnectionDeadlines) {
            let channel = EmbeddedChannel(loop: loop)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
            return (channel, ConnectionDeadlines(channel: channel, clock: clock, limits: EdgeLimits(), progress: progress))
        }
    }

    @Test func `with ten thousand connections a request costs no timer, nor does a connection that ends`() throws {
        let world = World()
        let open = try (0..<10_000).map { _ in try world.connection() }
        for (_, deadlines) in open { deadlines.enter(.idle) }
        for (_, deadlines) in open { deadlines.enter(.head) }
        // One for the end of the first minute, one for that of a head.
        #expect(world.counted.scheduled == 2)
        for (_, deadlines) in open {
            for phase in [.body, .answering, .idle, .head, .answering, .idle] as [ConnectionDeadlines.Phase] { deadlines.enter(phase) }
        }
        #expect(world.counted.scheduled == 2)
        for (_, deadlines) in open.dropFirst(100) { deadlines.closed() }
        world.loop.advanceTime(by: .seconds(16))
        // Those that stay are looked at again when their minute is over.
        #expect(world.counted.scheduled == 2)
        #expect(open.prefix(100).allSatisfy { $0.channel.isActive })
        world.loop.advanceTime(by: .seconds(45))
        #expect(open.prefix(100).allSatisfy { !$0.channel.isActive } && open.dropFirst(100).allSatisfy { $0.channel.isActive })
    }

    @Test(
        arguments: [
            (.arriving, 2), (.idle, 60), (.head, 15), (.body, 60), (.gathering, 20), (.streaming, 60), (.lingering, 2), (.closing, 30),
        ] as [(ConnectionDeadlines.Phase, Int64)])
    func `each phase ends at its limit, not before and at most a tenth later`(phase: ConnectionDeadlines.Phase, seconds: Int64) throws {
        let world = World()
        world.loop.advanceTime(by: .milliseconds(1030))
        let (channel, deadlines) = try world.connection { SendProgress(taken: 0, isOwed: phase == .closing) }
        deadlines.enter(phase)
        world.loop.advanceTime(by: .seconds(seconds) - .milliseconds(1))
        #expect(channel.isActive)
        world.loop.advanceTime(by: .milliseconds(101))
        #expect(!channel.isActive)
    }

    @Test func `a deadline that moves away is kept, and so is one that comes nearer`() throws {
        let world = World()
        let (channel, deadlines) = try world.connection { SendProgress(taken: 0, isOwed: true) }
        deadlines.enter(.idle)
        for _ in 0..<10 {
            world.loop.advanceTime(by: .seconds(59))
            deadlines.enter(.idle)
        }
        #expect(channel.isActive)
        deadlines.enter(.answering)
        world.loop.advanceTime(by: .seconds(3600))
        #expect(channel.isActive)
        deadlines.writabilityChanged(isWritable: false)
        world.loop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        world.loop.advanceTime(by: .milliseconds(1100))
        #expect(!channel.isActive)
    }

    @Test(
        arguments: [(1, 240, false), (20, 4800, false), (59, 14_160, false), (1, 200, true), (48, 1, true), (59, 10_000, true)]
            as [(Int64, Int, Bool)])
    func `a streamed body lasts as long as it brings its least rate`(seconds: Int64, bytes: Int, ends: Bool) throws {
        let world = World()
        let (channel, deadlines) = try world.connection()
        deadlines.enter(.streaming)
        var passed: Int64 = 0
        while passed < 3600, channel.isActive {
            world.loop.advanceTime(by: .seconds(seconds))
            deadlines.came(bytes)
            passed += seconds
        }
        #expect(channel.isActive != ends)
    }

    @Test func `what came at once buys a body no longer pause than any`() throws {
        let world = World()
        let (channel, deadlines) = try world.connection()
        deadlines.enter(.streaming)
        for _ in 0..<1000 { deadlines.came(64 * 1024) }
        world.loop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        world.loop.advanceTime(by: .milliseconds(1100))
        #expect(!channel.isActive)
    }

    /// A client that takes so many bytes of its answer each second.
    private final class Taker {
        var taken: UInt64 = 0
        var isOwed = true
        var progress: SendProgress { SendProgress(taken: taken, isOwed: isOwed) }
    }

    @Test(arguments: [.answering, .closing, .idle] as [ConnectionDeadlines.Phase])
    func `who takes its answer slowly gets all of it, however long it is in coming`(phase: ConnectionDeadlines.Phase) throws {
        let world = World()
        let taker = Taker()
        let (channel, deadlines) = try world.connection { taker.progress }
        deadlines.writabilityChanged(isWritable: phase == .idle)
        deadlines.enter(phase)
        for _ in 0..<600 {
            world.loop.advanceTime(by: .seconds(1))
            taker.taken += 250
        }
        #expect(channel.isActive)
        taker.isOwed = false
        deadlines.writabilityChanged(isWritable: true)
        world.loop.advanceTime(by: .seconds(61))
        #expect(channel.isActive == (phase != .idle))
    }

    @Test(arguments: [.answering, .closing, .idle] as [ConnectionDeadlines.Phase])
    func `who takes less than the least rate of its answer is cut off`(phase: ConnectionDeadlines.Phase) throws {
        let world = World()
        let taker = Taker()
        taker.taken = 1 << 30
        let (channel, deadlines) = try world.connection { taker.progress }
        deadlines.writabilityChanged(isWritable: phase == .idle)
        deadlines.enter(phase)
        for _ in 0..<(phase == .idle ? 90 : 30) {
            #expect(channel.isActive)
            world.loop.advanceTime(by: .seconds(1))
            taker.taken += 230
        }
        #expect(!channel.isActive)
    }

    @Test func `a connection that has ended is looked at no more`() throws {
        let world = World()
        let (channel, deadlines) = try world.connection()
        deadlines.enter(.head)
        deadlines.closed()
        deadlines.enter(.idle)
        world.loop.advanceTime(by: .seconds(120))
        #expect(channel.isActive)
    }
}
