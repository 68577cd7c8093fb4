import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// An upstream that does what a script says, byte for byte, and keeps what it was sent.
final class ScriptedUpstream: Sendable {
    enum Step: Sendable {
        /// Waits until what came since the last such step ends so.
        case receive(String)
        case send(String)
        /// That many bytes, all `x`.
        case sendBytes(Int)
        /// Reads no more.
        case stopReading
        case close
        case reset
    }

    let port: Int
    private let channel: any Channel
    private let log: Log

    /// One script for each connection, in their order; connections beyond them are reset.
    static func start(_ scripts: [Step]...) async throws -> ScriptedUpstream {
        let log = Log(scripts)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Player(log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedUpstream(channel, log)
    }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    /// What each connection was sent.
    var received: [String] { log.state.withLock { $0.received } }
    var connections: Int { log.state.withLock { $0.received.count } }

    /// Returns when the connection of that number is closed.
    func closed(_ index: Int) async { await log.wait { $0.closed.contains(index) } }

    /// Returns when the connection of that number was sent something that contains the text.
    func received(_ text: String, on index: Int) async {
        await log.wait { $0.received.indices.contains(index) && $0.received[index].contains(text) }
    }

    func stop() async throws { try await channel.close() }

    final class Log: Sendable {
        struct State {
            var scripts: [[Step]]
            var received: [String] = []
            var closed: Set<Int> = []
            var waiters: [(@Sendable (State) -> Bool, CheckedContinuation<Void, Never>)] = []
        }

        let state: Mutex<State>

        init(_ scripts: [[Step]]) { state = Mutex(State(scripts: scripts)) }

        func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
            let (result, ready) = state.withLock { state in
                let result = body(&state)
                let waiters = state.waiters
                let ready = waiters.filter { $0.0(state) }
                state.waiters = waiters.filter { !$0.0(state) }
                return (result, ready.map(\.1))
            }
            for waiter in ready { waiter.resume() }
            return result
        }

        func wait(_ condition: @escaping @Sendable (State) -> Bool) async {
            await withCheckedContinuation { continuation in
                let isMet = state.withLock { state in
                    guard !condition(state) else { return true }
                    state.waiters.append((condition, continuation))
                    return false
                }
                if isMet { continuation.resume() }
            }
        }
    }

    private final class Player: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let log: Log
        private var index = 0
        private var steps: ArraySlice<Step> = []
        private var fresh = ""

        init(_ log: Log) { self.log = log }

        func channelActive(context: ChannelHandlerContext) {
            (index, steps) = log.change { state in
                let index = state.received.count
                state.received.append("")
                return (index, state.scripts.indices.contains(index) ? state.scripts[index][...] : [.reset])
            }
            play(context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: Self.unwrapInboundIn(data))
            fresh += text
            log.change { $0.received[index] += text }
            play(context)
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.change { _ = $0.closed.insert(index) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func play(_ context: ChannelHandlerContext) {
            while let step = steps.first {
                switch step {
                case .receive(let ending):
                    guard fresh.hasSuffix(ending) else { return }
                    fresh = ""
                case .send(let text): context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                case .sendBytes(let count):
                    context.writeAndFlush(NIOAny(ByteBuffer(repeating: UInt8(ascii: "x"), count: count)), promise: nil)
                case .stopReading: _ = context.channel.setOption(.autoRead, value: false)
                case .close: context.close(promise: nil)
                case .reset:
                    _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    context.close(promise: nil)
                }
                steps = steps.dropFirst()
            }
        }
    }
}
