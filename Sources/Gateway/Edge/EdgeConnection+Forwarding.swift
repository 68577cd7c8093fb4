import DialectEngine
import NIOCore

/// A request that is at an upstream's.
final class Relay {
    let forwarding: Shared<Forwarding>
    let upstream: UpstreamExchange
    let exchange: Exchange
    /// Nil until the upstream has answered.
    var status: Int?
    /// Of the answer's body.
    var bytes = 0
    var closes = false
    var isSwitched = false
    var isOver = false
    /// Of a WebSocket or an event stream that rests on an account.
    var standing: Standing?
    /// The store is being asked whether the caller may go on.
    var isAsking = false

    init(_ forwarding: Shared<Forwarding>, _ exchange: Exchange, upstream: UpstreamExchange) {
        self.forwarding = forwarding
        self.exchange = exchange
        self.upstream = upstream
    }

    /// Whether the upstream has all of the request.
    var isWhole: Bool { exchange.intake.isComplete && !isSwitched }

    /// What became of it, as far as is known now.
    var end: ForwardingEnd { status.map(ForwardingEnd.answered) ?? (upstream.hasSent ? .unknown : .unsent) }
}

@available(*, unavailable)
extension Relay: Sendable {}

/// Between a client and an upstream, bytes pass as they come: neither side is read faster than the other takes it.
extension EdgeConnection {
    /// The most bytes of a body that an upstream gets in one piece.
    private static let gatherLimit = 16 * 1024

    func forward(_ forwarding: Shared<Forwarding>, _ exchange: Exchange) {
        let first: ByteBuffer?
        sayContinue(exchange)
        do {
            first = try firstBytes(exchange)
        } catch {
            forwarding.value.settled?(.unsent)
            _ = refuse(.malformed, PartialRequest(exchange.arrival.request))
            return
        }
        let upstream = UpstreamExchange(forwarding.value.plan, client: self, caller: exchange.arrival.request.caller, pool: pool)
        let relay = Relay(forwarding, exchange, upstream: upstream)
        let isWhole = exchange.intake.isComplete
        // No connection waits for so little.
        let gathers = forwarding.value.plan.framing.isLength(upTo: Self.gatherLimit)
        deadlines.enter(isWhole ? .answering : gathers ? .gathering : .streaming)
        phase = .forwarding(relay)
        upstream.start(body: first, isWhole: isWhole, gathers: gathers)
    }

    /// What of the body is there already: all of it, when it had to be read to tell the route.
    private func firstBytes(_ exchange: Exchange) throws(ChunkFault) -> ByteBuffer? {
        if !exchange.collected.isEmpty { return ByteBuffer(bytes: exchange.collected) }
        guard !exchange.intake.isComplete, case .data(let piece) = try exchange.intake.take(from: &bytes) else { return nil }
        return piece
    }

    /// Passes on what has come of the body.
    func passOn(_ relay: Relay) {
        guard !relay.isSwitched else {
            guard bytes.readableBytes > 0, relay.upstream.wantsBytes else { return }
            let all = bytes
            bytes = ByteBuffer()
            relay.upstream.send(all)
            return relay.upstream.flush()
        }
        guard !relay.exchange.intake.isComplete else { return }
        // However small the pieces are, they leave together.
        defer { relay.upstream.flush() }
        while !relay.isOver, !relay.exchange.intake.isComplete, relay.upstream.wantsBytes {
            do {
                if let piece = try nextPiece(of: relay.exchange) {
                    deadlines.came(piece.readableBytes)
                    relay.upstream.send(piece)
                } else if !relay.exchange.intake.isComplete {
                    return
                }
            } catch {
                // Half a request is on its way: neither side may take it for a whole one.
                let hasAnswered = relay.status != nil
                abandon(relay)
                guard !hasAnswered else { return channel.close(promise: nil) }
                _ = refuse(.malformed, PartialRequest(relay.exchange.arrival.request))
                return
            }
            if relay.exchange.intake.isComplete, !relay.isOver {
                relay.upstream.endBody()
                deadlines.enter(.answering)
            }
        }
    }

    /// What has come of the body, small chunks as one: each costs the upstream's connection as much as a large one.
    private func nextPiece(of exchange: Exchange) throws(ChunkFault) -> ByteBuffer? {
        var joined = ByteBuffer()
        while joined.readableBytes < Self.gatherLimit, !exchange.intake.isComplete {
            guard case .data(var piece) = try exchange.intake.take(from: &bytes) else { break }
            if joined.readableBytes == 0 { swap(&joined, &piece) } else { joined.writeBuffer(&piece) }
        }
        return joined.readableBytes > 0 ? joined : nil
    }

    /// The client is gone.
    func abandon(_ relay: Relay) {
        guard !relay.isOver else { return }
        relay.isOver = true
        relay.upstream.cancel()
        relay.forwarding.value.settled?(relay.end)
        log(relay)
    }

    private func log(_ relay: Relay, cause: String? = nil) {
        site.log.write(
            relay.status ?? 499, at: relay.forwarding.value.meter, nil, of: relay.exchange, bytes: relay.bytes, cause: cause)
    }

    private var relay: Relay? {
        guard case .forwarding(let relay) = phase, !relay.isOver else { return nil }
        return relay
    }
}

extension EdgeConnection: ForwardingClient {
    var takesBytes: Bool { isWritable }

    func upstreamAnswered(_ answer: consuming UpstreamAnswer) {
        guard let relay else { return }
        relay.status = answer.status
        endsInReset = answer.framing == .untilClose
        relay.closes = closes(after: relay.exchange) || endsInReset
        if relay.upstream.answer?.isEventStream == true { watchStanding(of: relay) }
        writeHead(answer, relay)
    }

    func upstreamInterim(_ head: ByteBuffer) {
        writeOnly(head)
        flush()
    }

    func upstreamSwitched(_ answer: consuming UpstreamAnswer) {
        guard let relay else { return }
        guard !site.isDraining() else { return channel.close(promise: nil) }
        relay.status = answer.status
        relay.isSwitched = true
        watchStanding(of: relay)
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

    func upstreamWantsBytes() {
        // How long the upstream did not is not the client's fault.
        if deadlines.phase == .streaming { deadlines.enter(.streaming) }
        advance()
    }

    func upstreamEnded() {
        guard let relay else { return }
        relay.isOver = true
        relay.forwarding.value.settled?(relay.end)
        log(relay)
        flushSoon()
        if relay.isSwitched { closeWhenWritten() } else { ended(relay.exchange, closes: relay.closes || closes(after: relay.exchange)) }
        advance()
    }

    func upstreamFailed(_ fault: UpstreamFault) {
        guard let relay else { return }
        relay.isOver = true
        relay.forwarding.value.settled?(relay.end)
        let cause = "upstream \(relay.forwarding.value.plan.upstream.name): \(fault)"
        guard relay.status == nil else {
            log(relay, cause: cause)
            return channel.close(promise: nil)
        }
        var answer = relay.forwarding.value.refusal(fault)
        answer.cause = cause
        send(answer, to: relay.exchange)
        flush()
        advance()
    }

    private func writeHead(_ answer: consuming UpstreamAnswer, _ relay: Relay) {
        let hasDate = answer.hasDate
        // Taken out, not copied: it has room for what comes behind.
        var head = ByteBuffer()
        swap(&head, &answer.head)
        for (name, value) in relay.forwarding.value.headers { AnswerWriter.writeField(name, value, to: &head) }
        if !hasDate { AnswerWriter.writeField("Date", site.dates.current(), to: &head) }
        if relay.closes { AnswerWriter.writeField("Connection", "close", to: &head) }
        head.writeStaticString("\r\n")
        writeBegin(head)
    }
}
