import NIOCore

/// The answer: its head judged, its body passed on piece by piece.
extension UpstreamExchange {
    private static let interimLimit = 16

    /// How long the answer may pause.
    var pauseLimit: TimeAmount {
        let settings = plan.upstream.settings
        if case .switched = stage { return TimeAmount(settings.streamTimeout) }
        return TimeAmount(answer?.isEventStream == true ? settings.streamTimeout : settings.idleTimeout)
    }

    /// Takes what it can use of the bytes; the rest is shown again with more behind it.
    func received(_ bytes: inout ByteBuffer) {
        hasHeard = true
        while case .head = stage {
            guard !isOver, readHead(&bytes) else { return }
        }
        passOn(&bytes)
        if let connection { connection.setDeadline(in: pauseLimit) }
    }

    // MARK: Heads

    /// Whether there was a whole head.
    private func readHead(_ bytes: inout ByteBuffer) -> Bool {
        switch boundary.find(in: bytes) {
        case .needsMore: return false
        case .fault:
            fail(.broken)
            return false
        case .complete(let length):
            boundary = HeadBoundary(limit: AnswerHead.byteLimit)
            guard let slice = bytes.readSlice(length: length), let head = AnswerHead(slice, withheld: plan.withheld) else {
                fail(.broken)
                return false
            }
            take(consume head)
            return !isOver
        }
    }

    private func take(_ head: consuming AnswerHead) {
        switch head.status {
        case 101: switchProtocol(head)
        case 100...199: passOnInterim(head)
        default: answer(head)
        }
    }

    private func passOnInterim(_ head: consuming AnswerHead) {
        interims += 1
        guard interims <= Self.interimLimit else { return fail(.broken) }
        awaitUpstream()
        // The gateway answers expectations itself, and HTTP/1.0 knows no interim answers.
        guard head.status != 100, !plan.clientVersionIs10, let client else { return }
        var bytes = head.takeKept()
        bytes.writeStaticString("\r\n")
        client.upstreamInterim(bytes)
    }

    private func switchProtocol(_ head: consuming AnswerHead) {
        guard plan.upgrade, head.upgrade == "websocket", let client else { return fail(.broken) }
        heard()
        var lines = head.takeKept()
        let hasDate = head.hasDate
        answer = head
        stage = .switched
        lines.writeStaticString("Connection: Upgrade\r\nUpgrade: websocket\r\n")
        client.upstreamSwitched(UpstreamAnswer(status: 101, head: consume lines, framing: .none, hasDate: hasDate))
    }

    private func answer(_ head: consuming AnswerHead) {
        guard let client else { return }
        heard()
        var lines = head.takeKept()
        let (status, hasDate, keepsConnection) = (head.status, head.hasDate, head.keepsConnection)
        let framing = frame(head, &lines)
        answer = head
        // The upstream wants no more of the body, and says why; anything else it may say while it still reads.
        if !isRequestSent, status >= 300 || !keepsConnection {
            isSendingOver = true
            client.upstreamWantsBytes()
        }
        owesPause = true
        client.upstreamAnswered(UpstreamAnswer(status: status, head: consume lines, framing: framing, hasDate: hasDate))
    }

    /// How the client is told of the end of the body, and how the end is found (RFC 9112 section 6.3).
    private func frame(_ head: AnswerHead, _ lines: inout ByteBuffer) -> BodyFraming {
        if plan.method == "HEAD" || head.status == 204 || head.status == 304 {
            stage = .length(0)
            if head.status != 204, let length = head.contentLength { Self.writeLength(length, to: &lines) }
            return .none
        }
        if let length = head.contentLength {
            stage = .length(length)
            Self.writeLength(length, to: &lines)
            return .length(length)
        }
        stage = head.isChunked ? .chunked(ChunkedReader()) : .untilClose
        guard !plan.clientVersionIs10 else { return .untilClose }
        isFramed = true
        lines.writeStaticString("Transfer-Encoding: chunked\r\n")
        return .chunked
    }

    private static func writeLength(_ length: Int, to lines: inout ByteBuffer) {
        lines.writeStaticString("Content-Length: ")
        lines.writeString(String(length))
        lines.writeStaticString("\r\n")
    }

    // MARK: Bodies

    private func passOn(_ bytes: inout ByteBuffer) {
        guard !isOver else { return }
        switch stage {
        case .head: return
        case .length(let left): passOn(&bytes, left: left)
        case .chunked(var reader): passOn(&bytes, &reader)
        case .untilClose, .switched:
            guard bytes.readableBytes > 0 else { return }
            give(bytes)
            bytes.moveReaderIndex(to: bytes.writerIndex)
        }
    }

    private func passOn(_ bytes: inout ByteBuffer, left: Int) {
        if left > 0, let piece = bytes.readSlice(length: min(left, bytes.readableBytes)), piece.readableBytes > 0 {
            stage = .length(left - piece.readableBytes)
            give(piece)
        }
        guard case .length(0) = stage else { return }
        complete(hasSurplus: bytes.readableBytes > 0)
    }

    private func passOn(_ bytes: inout ByteBuffer, _ reader: inout ChunkedReader) {
        do throws(ChunkFault) {
            while !isOver {
                switch try reader.read(&bytes) {
                case .data(let piece): give(piece)
                case .needsMore:
                    stage = .chunked(reader)
                    return
                case .end:
                    if isFramed { client?.upstreamBytes(ChunkFrame.last) }
                    return complete(hasSurplus: bytes.readableBytes > 0)
                }
            }
        } catch {
            fail(.broken)
        }
    }

    private func give(_ bytes: ByteBuffer) {
        guard let client else { return }
        owesPause = true
        if isFramed {
            ChunkFrame.frame(bytes) { client.upstreamBytes($0) }
        } else {
            client.upstreamBytes(bytes)
        }
    }
}
