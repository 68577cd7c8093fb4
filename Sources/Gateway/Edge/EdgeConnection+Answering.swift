import DialectEngine
import Identity
import NIOCore

/// From a request to the end of its answer.
extension EdgeConnection {
    /// The same head was answered before, and nothing has changed since.
    func repeats(_ known: HeadMemory.Entry) {
        // What is the same to the byte is another request all the same.
        let exchange = Exchange(known.arrival, id: site.ids.next(sent: known.arrival.clientID))
        switch known.decision {
        case .forward(let forwarding):
            forward(forwarding, exchange)
        case .answer(var bytes, let dateAt, let answer):
            guard !site.isDraining() else { return send(answer.value, to: exchange) }
            site.log.write(answer.value, of: exchange)
            bytes.setString(site.dates.current(), at: dateAt)
            write(bytes)
            rest()
        }
    }

    /// All of the request is there.
    func serveWhole(_ exchange: Exchange) -> Bool {
        let (responder, request) = (site.responder, exchange.request)
        return serve(exchange) { await responder.serve(request) }
    }

    /// Sets the responder to work.
    func serve(_ exchange: Exchange, by judge: @escaping @Sendable () async -> EdgeOutcome) -> Bool {
        deadlines.enter(.answering)
        phase = .serving(exchange)
        let mine = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let loop = channel.eventLoop
        work = Task {
            let outcome = await judge()
            loop.execute { mine.value.deliver(outcome) }
        }
        return false
    }

    func deliver(_ outcome: EdgeOutcome) {
        work = nil
        guard case .serving(let exchange) = phase else {
            if case .forward(let forwarding) = outcome { forwarding.settled?(.unsent) }
            return
        }
        conclude(outcome, of: exchange)
        advance()
    }

    func conclude(_ outcome: EdgeOutcome, of exchange: Exchange) {
        switch outcome {
        case .answer(let answer): send(answer, to: exchange)
        case .forward(let forwarding):
            let forwarding = Shared(forwarding)
            if let reuse = forwarding.value.reuse, exchange.collected.isEmpty {
                remember(.forward(forwarding), exchange, reuse, bytes: forwarding.value.plan.head.readableBytes * 2)
            }
            forward(forwarding, exchange)
        }
    }

    /// Sends a whole answer and goes on to the next request, if the connection may have one.
    func send(_ answer: EdgeAnswer, to exchange: Exchange) {
        site.log.write(answer, of: exchange)
        let closes = closes(after: exchange)
        let (bytes, dateAt) = bytes(of: answer.response, withoutBody: exchange.arrival.request.wire.method == "HEAD", closes: closes)
        write(bytes)
        if let reuse = answer.reuse, !closes, !exchange.arrival.head.hasBody {
            remember(.answer(bytes, dateAt: dateAt, Shared(answer)), exchange, reuse, bytes: bytes.readableBytes * 2)
        }
        ended(exchange, closes: closes)
    }

    func remember(_ decision: HeadMemory.Entry.Decision, _ exchange: Exchange, _ reuse: Reuse, bytes: Int) {
        guard let key = exchange.key else { return }
        memory.remember(HeadMemory.Entry(key, decision, reuse, exchange.arrival, bytes: bytes))
    }

    /// Whether the answer to this request is the connection's last.
    func closes(after exchange: Exchange) -> Bool {
        guard exchange.arrival.head.keepsAlive, !site.isDraining() else { return true }
        if exchange.intake.isComplete { return false }
        // Who waits for `100 Continue` may send the body or not: nobody knows where the next request begins.
        guard !exchange.arrival.head.expectsContinue || exchange.saidContinue, let left = exchange.intake.declared else { return true }
        return left > Self.skipLimit
    }

    /// The answer is out.
    func ended(_ exchange: Exchange, closes: Bool) {
        if closes {
            sayGoodbye()
        } else if exchange.intake.isComplete {
            rest()
        } else {
            deadlines.enter(.body)
            phase = .skipping(exchange.intake)
        }
    }

    func refuse(_ fault: EdgeFault, _ raw: RawHead) -> Bool { refuse(fault, PartialRequest(raw, limits: site.limits)) }

    /// Answers what is no request, and ends the connection: nobody knows where the next one would begin.
    func refuse(_ fault: EdgeFault, _ request: PartialRequest) -> Bool {
        let answer = site.responder.refusal(fault, of: request)
        write(bytes(of: answer.response, withoutBody: request.method == "HEAD", closes: true).bytes)
        site.log.write(refused: answer, method: request.method, peer: peer)
        sayGoodbye()
        return true
    }

    func bytes(of response: WireResponse, withoutBody: Bool, closes: Bool) -> (bytes: ByteBuffer, dateAt: Int) {
        var answer = channel.allocator.buffer(capacity: 512 + response.body.count)
        let dateAt = AnswerWriter.write(response, date: site.dates.current(), withoutBody: withoutBody, closes: closes, to: &answer)
        return (answer, dateAt)
    }

    /// Ready for the next request.
    func rest() {
        phase = .head
        deadlines.enter(.idle)
    }
}

extension PartialRequest {
    init(_ raw: RawHead, limits: EdgeLimits) {
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
