import NIOCore
import NIOPosix

/// A TCP connection in a test's hands, byte for byte.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let received: EventLoopFuture<[UInt8]>
    private let heads: Collector.Signal

    /// Connects to a port of `host`.
    static func open(_ port: Int, host: String = "127.0.0.1") async throws -> RawConnection {
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: [UInt8].self)
        let signal = Collector.Signal()
        let connecting = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(promise, signal))
                }
            }
            .connect(host: host, port: port)
        connecting.whenFailure { promise.fail($0) }
        let channel = try await connecting.get()
        // What hangs is told; beside eight hundred other tests what does not may take most of a minute.
        channel.eventLoop.scheduleTask(in: .seconds(120)) { promise.fail(ChannelError.connectTimeout(.seconds(120))) }
        return RawConnection(channel: channel, received: promise.futureResult, heads: signal)
    }

    private init(channel: any Channel, received: EventLoopFuture<[UInt8]>, heads: Collector.Signal) {
        self.channel = channel
        self.received = received
        self.heads = heads
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Everything until the server closes.
    func rest() async throws -> String {
        let bytes = try await received.get()
        try? await channel.close()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until something that ends so has come.
    func wait(for ending: String) async { await heads.wait(for: ending) }

    func close() async { try? await channel.close() }

    /// Sends all of it and reads until the server closes.
    static func exchange(_ port: Int, _ text: String, host: String = "127.0.0.1") async throws -> String {
        let connection = try await open(port, host: host)
        try await connection.send(text)
        return try await connection.rest()
    }
}

/// Collects what comes until the other side has said everything.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    final class Signal: Sendable {
        private let stream: AsyncStream<String>
        private let source: AsyncStream<String>.Continuation

        init() { (stream, source) = AsyncStream.makeStream() }

        func came(_ text: String) { source.yield(text) }
        func ended() { source.finish() }

        func wait(for ending: String) async {
            for await text in stream where text.hasSuffix(ending) { return }
        }
    }

    private let promise: EventLoopPromise<[UInt8]>
    private let signal: Signal
    private var bytes: [UInt8] = []

    init(_ promise: EventLoopPromise<[UInt8]>, _ signal: Signal) {
        self.promise = promise
        self.signal = signal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        signal.came(String(decoding: bytes, as: UTF8.self))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { end() }
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end() }

    private func end() {
        promise.succeed(bytes)
        signal.ended()
    }
}

@available(*, unavailable)
extension Collector: Sendable {}
