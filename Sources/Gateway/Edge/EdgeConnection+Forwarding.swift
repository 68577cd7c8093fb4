import DialectEngine
import NIOCore

/// A request that is at an upstream's.
final class Relay {
    let forwarding: Forwarding
    let upstream: UpstreamExchange
    var exchange: EdgeConnection.Exchange
    /// Nil until the upstream has answered.
    var status: Int?
    /// Of the answer's body.
    var bytes = 0
    var closes = false
    var isSwitched = false
    var isOver = false

    init(_ forwarding: Forwarding, _ exchange: EdgeConnection.Exchange, upstream: UpstreamExchange) {
        self.forwarding = forwarding
        self.exchange = exchange
        self.upstream = upstream
    }

    /// Whether the upstream has all of the request.
    var isWhole: Bool { exchange.body.isComplete && !isSwitched }
}

@available(*, unavailable)
extension Relay: Sendable {}

/// Between a client and an upstream, bytes pass as they come: neither side is read faster than the other takes it.
extension EdgeConnection {
    func forward(_ forwarding: Forwarding, _ exchange: Exchange) {
        if let reuse = forwarding.reuse, exchange.request.wire.body.isEmpty {
            remember(.forward(forwarding), exchange, reuse, bytes: forwarding.plan.head.readableBytes * 2)
        }
        var exchange = exchange
        let first: ByteBuffer?
        sayContinue(&exchange)
        do {
            first = try firstBytes(&exchange)
        } catch {
            forwarding.settled?(nil)
            _ = refuse(.malformed, PartialRequest(exchange.request))
            return
        }
        let upstream = UpstreamExchange(forwarding.plan, client: self, pools: site.upstreams, eventLoop: channel.eventLoop)
        let relay = Relay(forwarding, exchange, upstream: upstream)
        deadlines.enter(exchange.body.isComplete ? .answering : .streaming)
        phase = .forwarding(relay)
        upstream.start(body: first, isWhole: exchange.body.isComplete)
    }

    /// What of the body is there already: all of it, when it had to be read to tell the route.
    private func firstBytes(_ exchange: inout Exchange) throws(ChunkFault) -> ByteBuffer? {
        if !exchange.request.wire.body.isEmpty { return ByteBuffer(bytes: exchange.request.wire.body) }
        guard !exchange.body.isComplete, case .data(let piece) = try exchange.body.take(from: &bytes) else { return nil }
        return piece
    }

    /// Passes on what has come of the body.
    func passOn(_ relay: Relay) {
        guard !relay.isSwitched else {
            guard bytes.readableBytes > 0, relay.upstream.wantsBytes else { return }
            let all = bytes
            bytes = ByteBuffer()
            return relay.upstream.send(all)
        }
        while !relay.isOver, !relay.exchange.body.isComplete, relay.upstream.wantsBytes {
            do {
                switch try relay.exchange.body.take(from: &bytes) {
                case .needsMore: return
                case .data(let piece):
                    deadlines.enter(.streaming)
                    relay.upstream.send(piece)
                case .end: break
                }
            } catch {
                // Half a request is on its way: neither side may take it for a whole one.
                let hasAnswered = relay.status != nil
                abandon(relay)
                guard !hasAnswered else { return channel.close(promise: nil) }
                _ = refuse(.malformed, PartialRequest(relay.exchange.request))
                return
            }
            if relay.exchange.body.isComplete, !relay.isOver {
                relay.upstream.endBody()
                deadlines.enter(.answering)
            }
        }
    }

    /// The client is gone.
    func abandon(_ relay: Relay) {
        guard !relay.isOver else { return }
        relay.isOver = true
        relay.upstream.cancel()
        relay.forwarding.settled?(relay.status)
        log(relay)
    }

    private func log(_ relay: Relay) {
        site.log.write(
            relay.status ?? 499, at: relay.forwarding.meter, nil, request: relay.exchange.request, took: .now - relay.exchange.started,
            bytes: relay.bytes)
    }

    private var relay: Relay? {
        guard case .forwarding(let relay) = phase, !relay.isOver else { return nil }
        return relay
    }
}

extension EdgeConnection: ForwardingClient {
    var takesBytes: Bool { channel.isWritable }

    func upstreamAnswered(_ answer: UpstreamAnswer) {
        guard let relay else { return }
        relay.status = answer.status
        relay.closes = closes(after: relay.exchange) || answer.framing == .untilClose
        writeHead(answer, relay)
    }

    func upstreamInterim(_ head: ByteBuffer) {
        writeOnly(head)
        flush()
    }

    func upstreamSwitched(_ answer: UpstreamAnswer) {
        guard let relay else { return }
        relay.status = answer.status
        relay.isSwitched = true
        deadlines.enter(.answering)
        writeHead(answer, relay)
        flush()
        advance()
    }

    func upstreamBytes(_ bytes: ByteBuffer) {
        guard let relay else { return }
        relay.bytes += bytes.readableBytes
        writeOnly(bytes)
    }

    func upstreamPauses() { flush() }

    func upstreamWantsBytes() { advance() }

    func upstreamEnded() {
        guard let relay else { return }
        relay.isOver = true
        relay.forwarding.settled?(relay.status)
        log(relay)
        flush()
        if relay.isSwitched { closeWhenWritten() } else { ended(relay.exchange, closes: relay.closes || closes(after: relay.exchange)) }
        advance()
    }

    func upstreamFailed(_ fault: UpstreamFault) {
        guard let relay else { return }
        relay.isOver = true
        relay.forwarding.settled?(nil)
        guard relay.status == nil else {
            log(relay)
            channel.close(promise: nil)
            return
        }
        send(relay.forwarding.refusal(fault), to: relay.exchange)
        flush()
        advance()
    }

    private func writeHead(_ answer: UpstreamAnswer, _ relay: Relay) {
        var head = channel.allocator.buffer(capacity: answer.fields.readableBytes + 256)
        AnswerWriter.writeStatusLine(answer.status, to: &head)
        head.writeImmutableBuffer(answer.fields)
        for (name, value) in relay.forwarding.headers { AnswerWriter.writeField(name, value, to: &head) }
        if !answer.hasDate { AnswerWriter.writeField("Date", site.dates.current(), to: &head) }
        if relay.closes { AnswerWriter.writeField("Connection", "close", to: &head) }
        head.writeStaticString("\r\n")
        writeOnly(head)
    }
}
