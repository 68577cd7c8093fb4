package import DialectEngine
package import Identity

/// What stands behind a listener.
package protocol EdgeResponder: Sendable {
    /// Changes when everything that was decided before may be decided otherwise.
    var generation: UInt64 { get }
    /// What a request needs, now that its head is there; on the event loop, so nothing here waits.
    func plan(_ request: EdgeRequest) -> EdgePlan
    /// Serves a request that was read as a whole.
    ///
    /// Never throws: what goes wrong is an answer too.
    func serve(_ request: EdgeRequest) async -> EdgeOutcome
    /// An answer to what never became a request, in the words of the frontend that it seems to be for.
    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer
}

/// How a request is served.
package enum EdgePlan: Sendable {
    /// Its body is read first, as long as it has no more bytes than that.
    case whole(limit: Int)
    /// It is judged by its head, which takes a while; the body stays where it is.
    case head(@Sendable () async -> EdgeOutcome)
    /// Judged already.
    case outcome(EdgeOutcome)
}

/// What becomes of a request.
package enum EdgeOutcome: Sendable {
    case answer(EdgeAnswer)
    case forward(Forwarding)
}

/// A request that goes on to an upstream, and what is added to the answer.
package struct Forwarding: Sendable {
    var plan: ForwardPlan
    /// Where it is counted.
    var meter: RouteMeter
    /// The gateway's own fields of the answer.
    var headers: [(name: String, value: String)]
    /// The dialect's words for an upstream that gave no answer.
    var refusal: @Sendable (UpstreamFault) -> EdgeAnswer
    /// To be told once how it ended.
    var settled: (@Sendable (ForwardingEnd) -> Void)?
    /// On what it rests, should it last; nil when it rests on nobody.
    var standing: Standing?
    /// When what it tells the upstream has to be made anew.
    var staleAt: Instant?
    var reuse: Reuse?
}

/// A request that passed the edge.
package struct EdgeRequest: Sendable {
    package var wire: WireRequest
    /// In lower case, without its port; nil when an HTTP/1.0 client named none.
    package var host: String?
    /// Of its body; `wire` holds the body only once it has been read.
    var framing = BodyFraming.none
    var isHTTP10 = false
    /// The address of the client's socket.
    var peer = ""
    /// The peer is a proxy whose word counts.
    var isPeerTrusted = false
    /// The port that the connection came to.
    var port = 0
    /// Whose it is where something is shared out: an address, an IPv6 client's /64; empty where somebody speaks for many.
    var caller = ""
}

/// What is known of a request that was refused at the edge.
package struct PartialRequest: Sendable {
    package var method: String?
    package var host: String?
    /// Canonical where it could be read, else as sent with its query cut off: good for choosing a frontend and its words, for nothing else.
    package var path: String?
    /// Lower-case names; what was read before the fault.
    package var headers: [(name: String, value: String)] = []
}

/// An answer, and where it is counted.
package struct EdgeAnswer: Sendable {
    package var response: WireResponse
    /// Nil: it is the operator's own.
    package var meter: RouteMeter?
    /// What it refuses.
    package var failure: FailureKind?
    /// What the log tells beside the status, where that alone does not say whose fault it is.
    var cause: String?
    /// Nil: it is to be decided anew each time.
    var reuse: Reuse?

    package init(response: WireResponse, meter: RouteMeter? = nil, failure: FailureKind? = nil) {
        self.response = response
        self.meter = meter
        self.failure = failure
    }
}
