import NIOCore
import NIOPosix
import Testing

@testable import Gateway

/// Clients that take a large answer of an upstream more slowly than it comes.
@Suite struct SlowReaderTests {
    /// A client whose kernel takes little, and which reads when it is told to.
    private final class Reader: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let channel: any Channel
        private let count: NIOLoopBoundBox<Int>

        private init(_ channel: any Channel) {
            self.channel = channel
            count = NIOLoopBoundBox(0, eventLoop: channel.eventLoop)
        }

        static func open(_ port: Int) async throws -> Reader {
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.socketOption(.so_rcvbuf), value: 256 * 1024)
                .channelOption(.autoRead, value: false)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 32 * 1024))
                .connect(host: "127.0.0.1", port: port)
                .flatMap { channel in
                    let reader = Reader(channel)
                    return channel.pipeline.addHandler(reader).map { reader }
                }
                .get()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { count.value += unwrapInboundIn(data).readableBytes }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
        func readSome() { channel.read() }

        /// Reads so many bytes more, or to the end of the connection, and gives their number.
        func read(_ wanted: Int) async throws -> Int {
            let before = try await bytes
            try await channel.setOption(.autoRead, value: true).get()
            while channel.isActive, try await bytes < before + wanted { try await Task.sleep(for: .milliseconds(2)) }
            return try await bytes - before
        }

        func close() async { try? await channel.close() }

        var bytes: Int { get async throws { try await channel.eventLoop.submit { self.count.value }.get() } }
    }

    private static let size = 32 << 20

    /// Lets a client ask for many megabytes, with two seconds for what it leaves unread.
    private func with(_ body: (Reader) async throws -> Void) async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.size)\r\n\r\n"), .sendBytes(Self.size),
        ])
        var limits = EdgeLimits()
        limits.unread = .seconds(2)
        let configuration = TestGateway.pocket + "\n    upstreams: { app: \"http://127.0.0.1:\(upstream.port)\" }"
        try await TestGateway.with(configuration, limits: limits) { gateway, _ in
            let token = try await gateway.signIn()
            let reader = try await Reader.open(gateway.port)
            try await reader.send("GET /notes/1 HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(token)\r\n\r\n")
            try await body(reader)
            await reader.close()
        }
        try await upstream.stop()
    }

    /// More than the kernels hold of a connection that was cut off.
    private static let many = 16 << 20

    @Test func `who reads slowly but steadily is not taken for one who does not read`() async throws {
        try await with { reader in
            for _ in 0..<60 {
                reader.readSome()
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await reader.bytes < Self.many)
            #expect(try await reader.read(Self.many) >= Self.many)
        }
    }

    @Test func `who does not read is cut off`() async throws {
        try await with { reader in
            try await Task.sleep(for: .seconds(4))
            #expect(try await reader.read(Self.many) < Self.many)
        }
    }
}
