import NIOCore
import NIOPosix

@testable import Gateway

/// An exchange in a test's hands, with a client that keeps what it is told.
final class TestExchange: Sendable {
    /// What the client was told so far.
    struct Seen: Sendable {
        var answer: UpstreamAnswer?
        var isSwitched = false
        var interims: [String] = []
        var bytes = ByteBuffer()
        var wishes = 0
        var pauses = 0
        var isEnded = false
        var fault: UpstreamFault?
        /// Calls that came after the last.
        var late = 0

        var isOver: Bool { isEnded || fault != nil }
        var body: String { String(buffer: bytes) }
        /// The lines behind the status line.
        var fields: String {
            answer.map {
                String(buffer: $0.head).split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\r\n")
            } ?? ""
        }
    }

    private let eventLoop: any EventLoop
    private let parts: NIOLoopBound<(client: Client, exchange: UpstreamExchange)>

    /// Starts on the loop; the whole request has to be in `body` unless `isWhole` is false.
    static func start(
        _ plan: ForwardPlan, on place: Place, body: String? = nil, isWhole: Bool = true, takesBytesUpTo limit: Int? = nil
    ) async throws -> TestExchange {
        let exchange = try await place.eventLoop.submit {
            let client = Client(place.eventLoop, limit: limit)
            let exchange = UpstreamExchange(plan, client: client, caller: "", pool: place.pools.pool(on: place.eventLoop))
            exchange.start(body: body.map { ByteBuffer(string: $0) }, isWhole: isWhole)
            return TestExchange(place.eventLoop, NIOLoopBound((client, exchange), eventLoop: place.eventLoop))
        }.get()
        return exchange
    }

    private init(_ eventLoop: any EventLoop, _ parts: NIOLoopBound<(client: Client, exchange: UpstreamExchange)>) {
        self.eventLoop = eventLoop
        self.parts = parts
    }

    /// What is seen when the condition is met.
    func seen(when condition: @escaping @Sendable (Seen) -> Bool = { $0.isOver }) async throws -> Seen {
        try await eventLoop.flatSubmit { self.parts.value.client.seen(when: condition) }.get()
    }

    func send(_ text: String) async throws {
        try await eventLoop.submit {
            self.parts.value.exchange.send(ByteBuffer(string: text))
            self.parts.value.exchange.flush()
        }.get()
    }

    func endBody() async throws { try await eventLoop.submit { self.parts.value.exchange.endBody() }.get() }

    /// The number of bytes that it took before it wanted no more.
    func sendWhileWanted(_ piece: ByteBuffer) async throws -> Int {
        try await eventLoop.submit {
            var sent = 0
            while self.parts.value.exchange.wantsBytes, sent < 100 << 20 {
                self.parts.value.exchange.send(piece)
                sent += piece.readableBytes
                self.parts.value.exchange.flush()
            }
            return sent
        }.get()
    }

    /// Sends the piece if it is wanted; the number of bytes sent.
    func sendOne(_ piece: ByteBuffer) async throws -> Int {
        try await eventLoop.submit {
            guard self.parts.value.exchange.wantsBytes else { return 0 }
            self.parts.value.exchange.send(piece)
            self.parts.value.exchange.flush()
            return piece.readableBytes
        }.get()
    }

    func takeMore(_ limit: Int?) async throws {
        try await eventLoop.submit {
            self.parts.value.client.limit = limit
            self.parts.value.exchange.clientTakesBytes()
        }.get()
    }

    func cancel() async throws { try await eventLoop.submit { self.parts.value.exchange.cancel() }.get() }

    /// A loop and its pools, of this test alone.
    struct Place: Sendable {
        var eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var pools = UpstreamPools()

        /// How many there are once the loop has done what it is at.
        var connections: Int {
            get async throws { try await eventLoop.submit { pools.connectionCount }.get() }
        }
    }

    private final class Client: ForwardingClient {
        private let eventLoop: any EventLoop
        /// Its channel is writable until that many bytes have come.
        var limit: Int?
        private var seen = Seen()
        private var waiters: [(condition: @Sendable (Seen) -> Bool, promise: EventLoopPromise<Seen>)] = []

        init(_ eventLoop: any EventLoop, limit: Int?) {
            self.eventLoop = eventLoop
            self.limit = limit
        }

        var takesBytes: Bool { limit.map { seen.bytes.readableBytes < $0 } ?? true }

        func seen(when condition: @escaping @Sendable (Seen) -> Bool) -> EventLoopFuture<Seen> {
            let promise = eventLoop.makePromise(of: Seen.self)
            guard !condition(seen) else {
                promise.succeed(seen)
                return promise.futureResult
            }
            waiters.append((condition, promise))
            eventLoop.scheduleTask(in: .seconds(120)) { promise.fail(ChannelError.connectTimeout(.seconds(120))) }
            return promise.futureResult
        }

        private func note(_ change: (inout Seen) -> Void) {
            if seen.isOver { seen.late += 1 }
            change(&seen)
            let ready = waiters.filter { $0.condition(seen) }
            waiters.removeAll { $0.condition(seen) }
            for waiter in ready { waiter.promise.succeed(seen) }
        }

        func upstreamAnswered(_ answer: UpstreamAnswer) { note { $0.answer = answer } }
        func upstreamInterim(_ head: ByteBuffer) { note { $0.interims.append(String(buffer: head)) } }
        func upstreamSwitched(_ answer: UpstreamAnswer) {
            note {
                $0.answer = answer
                $0.isSwitched = true
            }
        }
        func upstreamBytes(_ bytes: ByteBuffer) { note { $0.bytes.writeImmutableBuffer(bytes) } }
        func upstreamPauses() { note { $0.pauses += 1 } }
        func upstreamWantsBytes() { note { $0.wishes += 1 } }
        func upstreamEnded() { note { $0.isEnded = true } }
        func upstreamFailed(_ fault: UpstreamFault) { note { $0.fault = fault } }
    }
}

extension ForwardPlan {
    /// A small request.
    static func to(
        _ upstream: Upstream, _ method: String = "GET", framing: BodyFraming = .none, isVersion10: Bool = false, upgrade: Bool = false,
        withheld: [String] = []
    ) -> ForwardPlan {
        ForwardPlan(
            upstream: upstream, head: ByteBuffer(string: "\(method) /x HTTP/1.1\r\nHost: up\r\n\r\n"), framing: framing, method: method,
            clientVersionIs10: isVersion10, upgrade: upgrade, withheld: withheld)
    }
}

extension Upstream {
    /// At ports of this machine.
    static func at(_ ports: Int..., change: (inout UpstreamSettings) -> Void = { _ in }) -> Upstream {
        var settings = UpstreamSettings(addresses: ports.compactMap { UpstreamAddress(host: "127.0.0.1", port: $0) })
        change(&settings)
        return Upstream(name: "app", settings: settings)
    }
}
