import NIOCore
import NIOPosix
import Synchronization

/// An upstream that answers every request with 200 and keeps the heads that it was sent.
final class HeadUpstream: Sendable {
    private final class Record: Sendable {
        let heads = Mutex<[String]>([])
        let connections = Mutex<[any Channel]>([])
    }

    private let channel: any Channel
    private let record: Record

    private init(_ channel: any Channel, _ record: Record) {
        self.channel = channel
        self.record = record
    }

    static func start() async throws -> HeadUpstream {
        let record = Record()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                record.connections.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering(record)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HeadUpstream(channel, record)
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// In the order of their arrival.
    var heads: [String] { record.heads.withLock(\.self) }

    /// The values of a field in the last head, its name in any case.
    func last(_ name: String) -> [String] {
        (heads.last ?? "").split(separator: "\r\n").compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
            return String(parts[1].drop { $0 == " " })
        }
    }

    /// Closes its connections, too.
    func stop() async throws {
        try await channel.close()
        for connection in record.connections.withLock(\.self) { try? await connection.close() }
    }

    /// Takes heads alone: requests of these tests have no bodies.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let record: Record
        private var text = ""

        init(_ record: Record) { self.record = record }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: Self.unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                record.heads.withLock { $0.append(head) }
                text = String(text[end.upperBound...])
                context.writeAndFlush(
                    Self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
