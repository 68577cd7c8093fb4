import DialectEngine
import Identity
import NIOCore

/// From bytes to a request: its head, and its body where that is read before it is answered. Each says whether there is more to do.
extension EdgeConnection {
    func readHead() -> Bool {
        guard bytes.readableBytes > 0, isWritable else { return false }
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
    func take(_ bytes: ByteBuffer) -> Bool {
        let key = HeadMemory.Key(bytes, peer: peer)
        let generation = site.responder.generation
        if let known = memory.entry(for: key), known.arrival.generation == generation, known.reuse.holds(at: site.now()) {
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
            wire: head.wire, host: head.host?.name, framing: head.framing, isHTTP10: head.isHTTP10, peer: peer,
            isPeerTrusted: isPeerTrusted, port: port, caller: caller(at: head.wire.address))
        let arrival = Arrival(head, request, generation: generation)
        let exchange = Exchange(arrival, key: key, id: site.ids.next(sent: arrival.clientID))
        switch site.responder.plan(request) {
        case .whole(let limit):
            guard (exchange.intake.declared ?? 0) <= limit else { return refuse(.tooLarge, raw) }
            exchange.limit = limit
            guard head.hasBody else { return serveWhole(exchange) }
            exchange.share = BodyBudget.Share(site.budget, of: request.caller)
            sayContinue(exchange)
            deadlines.enter(.body)
            phase = .collecting(exchange)
            return true
        case .head(let judge):
            return serve(exchange, by: judge)
        case .outcome(let outcome):
            conclude(outcome, of: exchange)
            return true
        }
    }

    /// As connections are counted; behind a proxy it is the one that the proxy names, and a proxy that names none speaks for many.
    private func caller(at address: String) -> String {
        guard isPeerTrusted else { return countedAs }
        guard address != peer else { return "" }
        return address.utf8.contains(UInt8(ascii: ":")) ? IPAddress.network(of: address) : address
    }

    /// RFC 9110 section 10.1.1: to a client that waits for it before it sends the body.
    func sayContinue(_ exchange: Exchange) {
        guard exchange.arrival.head.expectsContinue, !exchange.saidContinue, bytes.readableBytes == 0 else { return }
        exchange.saidContinue = true
        write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
    }

    func collect(_ exchange: Exchange) -> Bool {
        while true {
            let step: BodyIntake.Step
            do {
                step = try exchange.intake.take(from: &bytes)
            } catch {
                return refuse(.malformed, PartialRequest(exchange.arrival.request))
            }
            switch step {
            case .needsMore:
                return false
            case .end:
                return serveWhole(exchange)
            case .data(let piece):
                guard exchange.collected.count + piece.readableBytes <= exchange.limit else {
                    return refuse(.tooLarge, PartialRequest(exchange.arrival.request))
                }
                guard exchange.share?.grow(by: piece.readableBytes) != false else {
                    return refuse(.busy, PartialRequest(exchange.arrival.request))
                }
                exchange.collected += piece.readableBytesView
                if exchange.intake.isComplete { return serveWhole(exchange) }
            }
        }
    }

    func skip(_ body: BodyIntake) -> Bool {
        var body = body
        do {
            while !body.isComplete {
                if case .needsMore = try body.take(from: &bytes) {
                    phase = .skipping(body)
                    return false
                }
            }
            // The answer was out before the server went down, and said nothing of that.
            guard !site.isDraining() || bytes.readableBytes > 0 else {
                closeWhenWritten()
                return false
            }
            rest()
            return true
        } catch {
            channel.close(promise: nil)
            return false
        }
    }

    func throwAway(_ left: Int) -> Bool {
        let count = min(left, bytes.readableBytes)
        bytes.clear()
        phase = .leaving(left: left - count)
        if left == count { channel.close(promise: nil) }
        return false
    }
}
