import NIOCore
import NIOPosix

/// One request to an upstream and its answer, on the event loop of the client's connection.
///
/// Connections are tried until one takes the request: what was not sent may be sent elsewhere. What was sent is sent again only when it may be
/// and a kept connection turned out to be closed, once. An answer may come before the body is sent: a refusal ends the sending, any other
/// answer goes on beside it; when the answer ends first, the connection is closed.
final class UpstreamExchange {
    /// How far the answer is.
    enum Stage {
        case head
        case length(Int)
        case chunked(ChunkedReader)
        case untilClose
        /// Bytes both ways.
        case switched
    }

    let plan: ForwardPlan
    /// Under which its connection is counted; empty when it is not.
    private let caller: String
    private let pool: UpstreamPool
    private var share: ConnectionShares.Part?
    /// A connection is being made; it has the share until it is, or is not.
    private var isConnecting = false
    /// Nil when all is over.
    var client: (any ForwardingClient)?
    var connection: UpstreamConnection?
    var stage = Stage.head
    var answer: AnswerHead?
    /// The client is told of chunks.
    var isFramed = false
    /// What was given to the client since it was last told to flush.
    var owesPause = false
    var interims = 0
    var boundary = HeadBoundary(limit: AnswerHead.byteLimit)
    /// A refusal came: the rest of the body is nobody's.
    var isSendingOver = false
    /// Of the answer's first byte.
    var hasHeard = false
    /// Something of the request was given to a connection.
    private(set) var hasSent = false
    private var target = 0
    private var tried: Set<Int> = []
    private var hasRepeated = false
    /// The upstream may have closed the connection by now.
    private var isOnKept = false
    /// What came before there was a connection.
    private var waiting = ByteBuffer()
    private var bodySent = 0
    private var isBodyGiven = false {
        didSet {
            guard isBodyGiven, share == .sending else { return }
            share = .waiting
            pool.bodyCame(caller, for: plan.upstream)
        }
    }
    /// The body is small, and no connection is taken before all of it is there.
    private var isGathering = false

    init(_ plan: ForwardPlan, client: any ForwardingClient, caller: String, pool: UpstreamPool) {
        self.plan = plan
        self.client = client
        self.caller = caller
        self.pool = pool
    }

    var isOver: Bool { client == nil }

    /// Whether all of the request is sent.
    var isRequestSent: Bool { isBodyGiven && waiting.readableBytes == 0 && connection != nil }

    /// False when what was sent has to leave first: no more should be read from the client until `upstreamWantsBytes()`.
    ///
    /// True when the bytes are wanted no more: they are thrown away.
    var wantsBytes: Bool {
        if isOver || isSendingOver { return true }
        return connection?.isWritable ?? (isGathering || waiting.readableBytes == 0)
    }

    // MARK: From the client

    /// Sends the head, with what there is of the decoded body; `isWhole` when nothing follows, and `gathers` when a body that the head
    /// tells the length of is to be sent in one piece.
    ///
    /// May end the exchange before it returns.
    func start(body: ByteBuffer? = nil, isWhole: Bool = false, gathers: Bool = false) {
        if let body { waiting = body }
        isBodyGiven = isWhole || plan.framing == .none || plan.framing == .length(waiting.readableBytes)
        isGathering = gathers && !isBodyGiven
        if !isGathering { takePlace() }
    }

    /// Sends more of the decoded body, or raw bytes after a switch; `flush()` lets them go.
    func send(_ bytes: ByteBuffer) {
        guard !isOver, !isSendingOver else { return }
        guard let connection else {
            if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeImmutableBuffer(bytes) }
            guard case .length(let length) = plan.framing, waiting.readableBytes == length else { return }
            isBodyGiven = true
            guard isGathering else { return }
            isGathering = false
            return takePlace()
        }
        if case .switched = stage {
            connection.write(bytes)
            connection.setDeadline(in: pauseLimit)
        } else {
            guard write(bytes, on: connection) else { return fail(.broken) }
        }
        awaitUpstream()
    }

    func flush() { connection?.flush() }

    /// The body is complete; after a switch: the client closed.
    func endBody() {
        guard !isOver else { return }
        if case .switched = stage { return cancel() }
        guard !isBodyGiven, !isSendingOver else { return }
        // Its length would have begun the sending.
        guard !isGathering else { return fail(.broken) }
        isBodyGiven = true
        guard let connection else { return }
        if case .length(let length) = plan.framing, bodySent != length { return fail(.broken) }
        if plan.framing == .chunked {
            connection.write(ChunkFrame.last)
            connection.flush()
        }
        awaitUpstream()
    }

    /// The client's channel is writable again.
    func clientTakesBytes() {
        guard let connection, takesAnswer else { return }
        if case .head = stage {} else { connection.setDeadline(in: pauseLimit) }
        connection.resumeReading()
    }

    /// The client went away: the connection is closed, and nothing more is told.
    func cancel() {
        client = nil
        giveShareBack()
        connection?.close()
        connection = nil
    }

    // MARK: Connections

    private func takePlace() {
        let part = isBodyGiven ? ConnectionShares.Part.waiting : .sending
        guard pool.takeShare(part, of: plan.upstream, for: caller) else { return fail(.full) }
        share = part
        attempt()
    }

    private func giveShareBack() {
        guard let share, !isConnecting else { return }
        pool.giveBack(share, of: plan.upstream, from: caller)
        self.share = nil
    }

    private func attempt() {
        guard let target = plan.upstream.nextTarget(except: tried) else { return fail(.unreachable) }
        self.target = target
        if !hasRepeated, let kept = pool.take(plan.upstream, target) {
            isOnKept = true
            return begin(on: kept)
        }
        isOnKept = false
        guard pool.hasRoom(for: plan.upstream) else { return fail(.full) }
        isConnecting = true
        pool.connect(plan.upstream, target) { result in
            self.isConnecting = false
            if self.isOver { self.giveShareBack() }
            switch result {
            case .success(let connection):
                // The client went away meanwhile; another request may want it.
                guard !self.isOver else { return connection.keep(for: self.keepLimit(nil)) }
                self.begin(on: connection)
                if !self.isOver, !self.isBodyGiven, self.wantsBytes { self.client?.upstreamWantsBytes() }
            case .failure(let error): self.couldNotConnect(error)
            }
        }
    }

    private func couldNotConnect(_ error: any Error) {
        plan.upstream.targets[target].failed(.connect, at: .now())
        tried.insert(target)
        guard !isOver else { return }
        guard tried.count < plan.upstream.targets.count else { return fail(Self.isTimeout(error) ? .timeout : .unreachable) }
        attempt()
    }

    private static func isTimeout(_ error: any Error) -> Bool {
        if case .connectTimeout = error as? ChannelError { return true }
        guard let errors = error as? NIOConnectionError else { return false }
        return !errors.connectionErrors.isEmpty && errors.connectionErrors.allSatisfy { isTimeout($0.error) }
    }

    /// Writes all there is and flushes once.
    private func begin(on connection: UpstreamConnection) {
        self.connection = connection
        connection.begin(self)
        hasSent = true
        connection.write(plan.head)
        if waiting.readableBytes > 0 {
            let body = waiting
            waiting = ByteBuffer()
            guard write(body, on: connection) else { return fail(.broken) }
        }
        if isBodyGiven {
            if case .length(let length) = plan.framing, bodySent != length { return fail(.broken) }
            if plan.framing == .chunked { connection.write(ChunkFrame.last) }
        }
        connection.flush()
        if self.connection === connection { awaitUpstream() }
    }

    /// Writes more of the body; false when there is more than the head said: it would be read as a next request.
    private func write(_ bytes: ByteBuffer, on connection: UpstreamConnection) -> Bool {
        bodySent += bytes.readableBytes
        switch plan.framing {
        case .length(let length):
            guard bodySent <= length else { return false }
            if bodySent == length { isBodyGiven = true }
            connection.write(bytes)
        case .chunked: ChunkFrame.frame(bytes) { connection.write($0) }
        case .none, .untilClose: return bytes.readableBytes == 0
        }
        return true
    }

    /// It is the upstream's turn when it has all, or does not take what it is given.
    func awaitUpstream() {
        guard let connection, case .head = stage else { return }
        let isItsTurn = isBodyGiven || !connection.isWritable
        connection.setDeadline(in: isItsTurn ? TimeAmount(plan.upstream.settings.answerTimeout) : nil)
    }

    // MARK: From the connection

    var takesAnswer: Bool {
        if case .head = stage { return true }
        return client?.takesBytes ?? true
    }

    func writabilityChanged() {
        guard let connection, !isOver else { return }
        awaitUpstream()
        if connection.isWritable { client?.upstreamWantsBytes() }
    }

    /// Nothing more was read for now.
    func pauses() {
        guard owesPause else { return }
        owesPause = false
        client?.upstreamPauses()
    }

    func timedOut() {
        if answer == nil { plan.upstream.targets[target].failed(.timeout, at: .now()) }
        fail(.timeout)
    }

    func connectionClosed(inOrder: Bool) {
        connection = nil
        switch stage {
        case .head:
            guard isOnKept, !hasHeard, plan.isRepeatable, !hasRepeated else { return fail(.broken) }
            hasRepeated = true
            attempt()
        // A write that failed closes as quietly as the end of an answer does, so what was cut off then is not taken for whole.
        case .untilClose where inOrder && (isBodyGiven || isSendingOver):
            if isFramed { client?.upstreamBytes(ChunkFrame.last) }
            complete(hasSurplus: false)
        case .switched where inOrder: complete(hasSurplus: false)
        default: fail(.broken)
        }
    }

    /// A head came: the target works.
    func heard() { plan.upstream.targets[target].answered() }

    // MARK: Ends

    func fail(_ fault: UpstreamFault) {
        guard let client else { return }
        plan.upstream.meter.count(fault)
        cancel()
        client.upstreamFailed(fault)
    }

    /// The answer is whole: the connection is kept if nothing speaks against it.
    func complete(hasSurplus: Bool) {
        guard let client else { return }
        self.client = nil
        giveShareBack()
        if let connection {
            self.connection = nil
            if !hasSurplus, isBodyGiven, connection.isWritable, let answer, answer.keepsConnection, !mayHaveMore(answer) {
                connection.keep(for: keepLimit(answer.keptFor))
            } else {
                connection.close()
            }
        }
        client.upstreamEnded()
    }

    /// Many an upstream sends a body behind its answer to HEAD, which would be taken for the answer to the next request.
    private func mayHaveMore(_ answer: AnswerHead) -> Bool { plan.method == "HEAD" && answer.contentLength != 0 }

    /// How long a connection is kept: less than the upstream says that it does.
    private func keepLimit(_ seconds: Int?) -> TimeAmount {
        let own = TimeAmount(plan.upstream.settings.keepTimeout)
        guard let seconds else { return own }
        return min(own, .milliseconds(Int64(max(0, min(seconds, 86_400) * 1000 - 500))))
    }
}

@available(*, unavailable)
extension UpstreamExchange: Sendable {}
