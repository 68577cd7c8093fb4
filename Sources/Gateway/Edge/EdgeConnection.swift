import DialectEngine
import Identity
import NIOCore

/// One client's connection: bytes come in, requests are judged, answers go out.
///
/// Start here. Everything happens on the connection's event loop, one request after the other; only the responder's work, which may wait
/// for a store or a hash, is a task of its own. What `wantsBytes` says decides whether the socket is read: a client that sends without
/// reading, or faster than its requests are served, waits by TCP's own means.
final class EdgeConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between two requests, or within a head.
        case head
        /// Within a body that is read before it is answered.
        case collecting(Exchange)
        /// The responder is at work.
        case serving(Exchange)
        /// An upstream is at work.
        case forwarding(Relay)
        /// Within a body that nobody wants.
        case skipping(BodyIntake)
        /// The last answer is out; what still comes is thrown away for a while, as closing over unread bytes is a reset, and the reset may
        /// overtake the answer.
        case leaving(left: Int)
        case gone
    }

    /// A request under way.
    struct Exchange {
        var head: CheckedHead
        var request: EdgeRequest
        var body: BodyIntake
        var limit = 0
        /// Of what is held of the body.
        var share: BodyBudget.Share?
        var saidContinue = false
        /// Of the head's bytes.
        var key: HeadMemory.Key
        /// Of the responder, before it was asked.
        var generation: UInt64
        var started = ContinuousClock.now
    }

    /// How much of a body that nobody wants is read for the sake of the connection.
    private static let skipLimit = 64 * 1024
    /// How much is read ahead while a request is served, so that the end of the connection is seen.
    private static let aheadLimit = 4096

    let site: EdgeSite
    let channel: any Channel
    let deadlines: ConnectionDeadlines
    var phase = Phase.head
    /// Read from the socket, by no request yet.
    var bytes = ByteBuffer()
    private let peer: String
    private let isPeerTrusted: Bool
    private let port: Int
    private let memory: HeadMemory
    /// Under which it is counted.
    private let countedAs: String
    private var context: ChannelHandlerContext?
    private var boundary: HeadBoundary
    /// The client will send no more.
    private(set) var hasEnded = false
    private var isReadHeld = false
    private var isReading = false
    /// The responder's, while it is at work.
    private(set) var work: Task<Void, Never>?

    init(site: EdgeSite, channel: any Channel, countedAs: String) {
        self.site = site
        self.channel = channel
        self.countedAs = countedAs
        peer = channel.remoteAddress?.ipAddress ?? ""
        isPeerTrusted = site.clients.isTrusted(peer)
        port = channel.localAddress?.port ?? 0
        memory = site.meter.memories.memory(on: channel.eventLoop)
        deadlines = ConnectionDeadlines(channel: channel, limits: site.limits)
        boundary = HeadBoundary(limit: site.limits.headBytes)
    }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { deadlines.enter(.idle) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelActive(context: ChannelHandlerContext) {
        deadlines.enter(.idle)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        var more = Self.unwrapInboundIn(data)
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeBuffer(&more) }
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.flush()
    }

    func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.writabilityChanged(isWritable: context.channel.isWritable)
        if context.channel.isWritable {
            if case .forwarding(let relay) = phase { relay.upstream.clientTakesBytes() }
            advance()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            hasEnded = true
            advance()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func leave() {
        deadlines.closed()
        if case .forwarding(let relay) = phase { abandon(relay) }
        phase = .gone
        context = nil
    }

    deinit {
        site.peers.left(countedAs)
        site.meter.closed()
    }

    /// The server is going down: a connection that owes nothing is closed, another when its answer is out.
    private func quiesce() {
        switch phase {
        case .head where bytes.readableBytes == 0: channel.close(promise: nil)
        case .forwarding(let relay) where relay.isSwitched: channel.close(promise: nil)
        default: break
        }
    }

    // MARK: Reading

    private var wantsBytes: Bool {
        switch phase {
        case .head: channel.isWritable
        case .collecting, .skipping, .leaving: true
        case .serving: bytes.readableBytes < Self.aheadLimit
        case .forwarding(let relay): relay.isWhole ? bytes.readableBytes < Self.aheadLimit : relay.upstream.wantsBytes
        case .gone: false
        }
    }

    /// Goes on as far as the bytes allow.
    func advance() {
        var goesOn = true
        while goesOn {
            switch phase {
            case .head: goesOn = readHead()
            case .collecting(let exchange): goesOn = collect(exchange)
            case .forwarding(let relay):
                passOn(relay)
                // What ends it goes on by itself.
                goesOn = false
            case .skipping(let body): goesOn = skip(body)
            case .leaving(let left): goesOn = throwAway(left)
            case .serving, .gone: goesOn = false
            }
        }
        if hasEnded { finish() }
        readOn()
    }

    /// Lets a read go that was held back, if bytes are wanted again.
    func readOn() {
        guard isReadHeld, wantsBytes, let context else { return }
        isReadHeld = false
        context.read()
    }

    /// Ends what waits for bytes that will never come.
    private func finish() {
        switch phase {
        case .head where bytes.readableBytes > 0 && !channel.isWritable: break
        case .head, .collecting, .skipping, .leaving: closeWhenWritten()
        // A client that closes while its request is at an upstream's has lost interest, as far as anyone can tell.
        case .forwarding: channel.close(promise: nil)
        case .serving, .gone: break
        }
    }

    private func readHead() -> Bool {
        guard bytes.readableBytes > 0, channel.isWritable else { return false }
        if deadlines.phase == .idle { deadlines.enter(.head) }
        switch boundary.find(in: bytes) {
        case .needsMore:
            // What is no HTTP at all, such as TLS, is told at its first byte.
            guard bytes.readableBytesView.first?.isTokenCharacter == true else { return refuse(.malformed, RawHead()) }
            return false
        case .fault:
            return refuse(.malformed, RawHead())
        case .complete(let length):
            boundary = HeadBoundary(limit: site.limits.headBytes)
            guard let head = bytes.readSlice(length: length) else { return refuse(.malformed, RawHead()) }
            return take(head)
        }
    }

    /// A whole head is there.
    private func take(_ bytes: ByteBuffer) -> Bool {
        let key = HeadMemory.key(bytes, peer: peer)
        let generation = site.responder.generation
        if let known = memory.entry(for: key), known.generation == generation, known.reuse.holds(at: site.now()) {
            memory.meter.hit()
            repeats(known)
            return true
        }
        memory.meter.missed()
        var raw = RawHead()
        let isSound = bytes.withUnsafeReadableBytes { raw.read($0, limit: site.limits.fields) }
        guard isSound else { return refuse(.malformed, raw) }
        let head: CheckedHead
        do {
            head = try CheckedHead(raw, limits: site.limits, address: site.clients.address(peer: peer, fields: raw.fields))
        } catch {
            return refuse(error, raw)
        }
        let request = EdgeRequest(
            wire: head.wire, host: head.host?.name, id: site.ids.id(for: raw.fields), framing: head.framing, isHTTP10: head.isHTTP10,
            peer: peer, isPeerTrusted: isPeerTrusted, port: port)
        var exchange = Exchange(head: head, request: request, body: BodyIntake(head.framing), key: key, generation: generation)
        switch site.responder.plan(request) {
        case .whole(let limit):
            guard (exchange.body.declared ?? 0) <= limit else { return refuse(.tooLarge, raw) }
            exchange.limit = limit
            guard head.hasBody else { return serve(exchange) }
            exchange.share = BodyBudget.Share(site.budget)
            sayContinue(&exchange)
            deadlines.enter(.body)
            phase = .collecting(exchange)
            return true
        case .head:
            return serve(exchange)
        case .outcome(let outcome):
            conclude(outcome, of: exchange)
            return true
        }
    }

    /// The same head was answered before, and nothing has changed since.
    private func repeats(_ known: HeadMemory.Entry) {
        var exchange = known.exchange
        exchange.started = .now
        // What is the same to the byte is another request all the same.
        exchange.request.id = site.ids.id(for: exchange.request.wire.headers)
        switch known.decision {
        case .forward(let forwarding):
            forward(forwarding, exchange)
        case .answer(var bytes, let dateAt, let answer):
            guard !site.isDraining() else { return send(answer, to: exchange) }
            site.log.write(answer, request: exchange.request, took: .now - exchange.started)
            bytes.setString(site.dates.current(), at: dateAt)
            write(bytes)
            rest()
        }
    }

    /// RFC 9110 section 10.1.1: to a client that waits for it before it sends the body.
    func sayContinue(_ exchange: inout Exchange) {
        guard exchange.head.expectsContinue, !exchange.saidContinue, bytes.readableBytes == 0 else { return }
        exchange.saidContinue = true
        write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
    }

    private func collect(_ exchange: Exchange) -> Bool {
        var exchange = exchange
        // Not held twice, or every piece would copy what came before.
        phase = .gone
        while true {
            let step: BodyIntake.Step
            do {
                step = try exchange.body.take(from: &bytes)
            } catch {
                return refuse(.malformed, PartialRequest(exchange.request))
            }
            switch step {
            case .needsMore:
                phase = .collecting(exchange)
                return false
            case .end:
                return serve(exchange)
            case .data(let piece):
                guard exchange.request.wire.body.count + piece.readableBytes <= exchange.limit else {
                    return refuse(.tooLarge, PartialRequest(exchange.request))
                }
                guard exchange.share?.grow(by: piece.readableBytes) != false else {
                    return refuse(.busy, PartialRequest(exchange.request))
                }
                exchange.request.wire.body += piece.readableBytesView
                if exchange.body.isComplete { return serve(exchange) }
            }
        }
    }

    private func skip(_ body: BodyIntake) -> Bool {
        var body = body
        do {
            while !body.isComplete {
                if case .needsMore = try body.take(from: &bytes) {
                    phase = .skipping(body)
                    return false
                }
            }
            rest()
            return true
        } catch {
            channel.close(promise: nil)
            return false
        }
    }

    private func throwAway(_ left: Int) -> Bool {
        let count = min(left, bytes.readableBytes)
        bytes.clear()
        phase = .leaving(left: left - count)
        if left == count { channel.close(promise: nil) }
        return false
    }

    /// Ready for the next request.
    private func rest() {
        phase = .head
        deadlines.enter(.idle)
    }

    // MARK: Answering

    /// Sets the responder to work.
    private func serve(_ exchange: Exchange) -> Bool {
        deadlines.enter(.answering)
        phase = .serving(exchange)
        let mine = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let (responder, request, loop) = (site.responder, exchange.request, channel.eventLoop)
        work = Task {
            let outcome = await responder.serve(request)
            loop.execute { mine.value.deliver(outcome) }
        }
        return false
    }

    private func deliver(_ outcome: EdgeOutcome) {
        work = nil
        guard case .serving(let exchange) = phase else {
            if case .forward(let forwarding) = outcome { forwarding.settled?(nil) }
            return
        }
        conclude(outcome, of: exchange)
        advance()
    }

    private func conclude(_ outcome: EdgeOutcome, of exchange: Exchange) {
        switch outcome {
        case .answer(let answer): send(answer, to: exchange)
        case .forward(let forwarding): forward(forwarding, exchange)
        }
    }

    /// Sends a whole answer and goes on to the next request, if the connection may have one.
    func send(_ answer: EdgeAnswer, to exchange: Exchange) {
        site.log.write(answer, request: exchange.request, took: .now - exchange.started)
        let closes = closes(after: exchange)
        let (bytes, dateAt) = bytes(of: answer.response, withoutBody: exchange.request.wire.method == "HEAD", closes: closes)
        write(bytes)
        if let reuse = answer.reuse, !closes, !exchange.head.hasBody {
            remember(.answer(bytes, dateAt: dateAt, answer), exchange, reuse, bytes: bytes.readableBytes * 2)
        }
        ended(exchange, closes: closes)
    }

    func remember(_ decision: HeadMemory.Entry.Decision, _ exchange: Exchange, _ reuse: Reuse, bytes: Int) {
        let entry = HeadMemory.Entry(
            decision: decision, reuse: reuse, generation: exchange.generation, exchange: exchange, bytes: bytes + 1024)
        memory.remember(entry, for: exchange.key)
    }

    /// Whether the answer to this request is the connection's last.
    func closes(after exchange: Exchange) -> Bool {
        guard exchange.head.keepsAlive, !site.isDraining() else { return true }
        if exchange.body.isComplete { return false }
        // Who waits for `100 Continue` may send the body or not: nobody knows where the next request begins.
        guard !exchange.head.expectsContinue || exchange.saidContinue, let left = exchange.body.declared else { return true }
        return left > Self.skipLimit
    }

    /// The answer is out.
    func ended(_ exchange: Exchange, closes: Bool) {
        if closes {
            sayGoodbye()
        } else if exchange.body.isComplete {
            rest()
        } else {
            deadlines.enter(.body)
            phase = .skipping(exchange.body)
        }
    }

    private func refuse(_ fault: EdgeFault, _ raw: RawHead) -> Bool { refuse(fault, PartialRequest(raw, limits: site.limits)) }

    /// Answers what is no request, and ends the connection: nobody knows where the next one would begin.
    func refuse(_ fault: EdgeFault, _ request: PartialRequest) -> Bool {
        let answer = site.responder.refusal(fault, of: request)
        write(bytes(of: answer.response, withoutBody: request.method == "HEAD", closes: true).bytes)
        site.log.write(refused: answer, method: request.method, peer: peer)
        sayGoodbye()
        return true
    }

    private func bytes(of response: WireResponse, withoutBody: Bool, closes: Bool) -> (bytes: ByteBuffer, dateAt: Int) {
        var answer = channel.allocator.buffer(capacity: 512 + response.body.count)
        let dateAt = AnswerWriter.write(response, date: site.dates.current(), withoutBody: withoutBody, closes: closes, to: &answer)
        return (answer, dateAt)
    }

    /// What is written while a read is under way leaves with its end: one system call for many pipelined answers.
    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.write(Self.wrapOutboundOut(bytes), promise: nil)
        if !isReading { context.flush() }
    }

    /// Leaves the flush to the caller.
    func writeOnly(_ bytes: ByteBuffer) { context?.write(Self.wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    func sayGoodbye() {
        deadlines.enter(.lingering)
        phase = .leaving(left: site.limits.lingerBytes)
        context?.flush()
        if hasEnded { closeWhenWritten() } else { channel.close(mode: .output, promise: nil) }
    }

    /// Closing at once would drop what the socket has not taken yet.
    func closeWhenWritten() {
        guard let context else { return }
        phase = .gone
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { [channel] _ in channel.close(promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: written)
    }
}

@available(*, unavailable)
extension EdgeConnection: Sendable {}

extension PartialRequest {
    fileprivate init(_ raw: RawHead, limits: EdgeLimits) {
        let hosts = raw.fields.filter { $0.name == "host" }
        let target = RequestTarget(raw.target, limit: limits.targetBytes)
        self.init(
            method: raw.method.isEmpty ? nil : raw.method, host: hosts.count == 1 ? HostName(hosts[0].value)?.name : nil,
            path: target?.path ?? raw.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init),
            headers: raw.fields)
    }

    init(_ request: EdgeRequest) {
        self.init(method: request.wire.method, host: request.host, path: request.wire.path, headers: request.wire.headers)
    }
}
