import DialectEngine
import Identity
import NIOCore
import NIOHTTP1

/// What happens on one connection: request after request, each judged, read, answered and logged.
struct Conversation: Sendable {
    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    let responder: any EdgeResponder
    let limits: EdgeLimits
    let clients: ClientAddresses
    let log: AccessLog
    let dates: DateLine
    let ids: RequestIDs
    /// Whether the server is going down, so that clients are told to come back on another connection.
    let isDraining: @Sendable () -> Bool

    /// Serves the connection until either side has enough of it.
    func run(over channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>) async {
        let peer = channel.channel.remoteAddress?.ipAddress ?? ""
        do {
            try await channel.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                var isOpen = true
                while isOpen {
                    do {
                        guard case .head(let head) = try await parts.next() else { return }
                        isOpen = try await exchange(head, &parts, outbound, peer: peer)
                    } catch is HTTPParserError {
                        try await refuse(.malformed, PartialRequest(), outbound, peer: peer)
                        isOpen = false
                    }
                }
                await linger(&parts, outbound, channel.channel)
            }
        } catch {
            // The client went away, or stayed too long: there is nobody to tell.
        }
    }

    /// Serves one request; true when the connection may go on.
    @concurrent private func exchange(_ head: HTTPRequestHead, _ parts: inout Parts, _ outbound: Writer, peer: String) async throws -> Bool
    {
        let checked: CheckedHead
        do {
            checked = try CheckedHead(head, limits: limits, address: clients.address(peer: peer, headers: head.headers))
        } catch {
            try await refuse(error, PartialRequest(head), outbound, peer: peer)
            return false
        }
        let started = ContinuousClock.now
        var request = EdgeRequest(
            wire: checked.request, host: checked.host?.name, id: ids.id(for: checked.request.values("x-request-id")))
        let limit = responder.bodyLimit(request)
        guard (checked.contentLength ?? 0) <= limit else {
            try await refuse(.tooLarge, PartialRequest(request), outbound, peer: peer)
            return false
        }
        if checked.expectsContinue, checked.hasBody {
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        }
        guard try await readBody(&parts, limit: limit, into: &request.wire.body) else {
            try await refuse(.tooLarge, PartialRequest(request), outbound, peer: peer)
            return false
        }
        let answer = await responder.answer(request)
        let closes = !checked.keepsAlive || isDraining()
        try await send(answer.response, withoutBody: head.method == .HEAD, closes: closes, outbound)
        log.write(answer, request: request, took: .now - started)
        return !closes
    }

    /// Reads to the end of the request; false when there is more than `limit`.
    @concurrent private func readBody(_ parts: inout Parts, limit: Int, into body: inout [UInt8]) async throws -> Bool {
        while let part = try await parts.next() {
            switch part {
            case .head: throw ChannelError.inputClosed
            case .body(let buffer):
                guard body.count + buffer.readableBytes <= limit else { return false }
                body += buffer.readableBytesView
            case .end: return true
            }
        }
        // The client went away in the middle: half a request is none.
        throw ChannelError.inputClosed
    }

    private func refuse(_ fault: EdgeFault, _ request: PartialRequest, _ outbound: Writer, peer: String) async throws {
        let answer = responder.refusal(fault, of: request)
        try await send(answer.response, withoutBody: request.method == "HEAD", closes: true, outbound)
        log.write(refused: answer, method: request.method, peer: peer)
    }

    private func send(_ response: WireResponse, withoutBody: Bool, closes: Bool, _ outbound: Writer) async throws {
        let status = HTTPResponseStatus(statusCode: response.status)
        var fields = HTTPHeaders()
        fields.reserveCapacity(response.headers.count + 3)
        for header in response.headers { fields.add(name: header.name, value: header.value) }
        fields.replaceOrAdd(name: "Date", value: dates.current())
        if status.mayHaveResponseBody { fields.replaceOrAdd(name: "Content-Length", value: "\(response.body.count)") }
        if closes { fields.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status, headers: fields))
        guard !withoutBody, !response.body.isEmpty, status.mayHaveResponseBody else {
            return try await outbound.write(contentsOf: [head, .end(nil)])
        }
        try await outbound.write(contentsOf: [head, .body(.byteBuffer(ByteBuffer(bytes: response.body))), .end(nil)])
    }

    /// Says that no more will come and reads a little on: a connection closed over unread bytes is reset, and the reset may overtake the answer.
    @concurrent private func linger(_ parts: inout Parts, _ outbound: Writer, _ channel: any Channel) async {
        outbound.finish()
        var left = limits.lingerBytes
        while left > 0, let part = try? await parts.next() {
            if case .body(let buffer) = part { left -= buffer.readableBytes }
        }
        // The deadlines of the connection end this at last.
        if channel.isActive, left > 0 { try? await channel.closeFuture.get() }
    }
}

extension PartialRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        let hosts = head.headers["host"]
        self.init(
            method: head.method.rawValue, host: hosts.count == 1 ? HostName(hosts[0])?.name : nil,
            path: head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init))
    }

    fileprivate init(_ request: EdgeRequest) {
        self.init(method: request.wire.method, host: request.host, path: request.wire.path)
    }
}
