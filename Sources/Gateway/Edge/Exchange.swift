import DialectEngine

/// A request under way.
final class Exchange {
    let arrival: Arrival
    /// Under which it may be remembered; nil when it is already.
    let key: HeadMemory.Key?
    let id: RequestID
    let started = ContinuousClock.now
    /// How much of the body is still to come.
    var intake: BodyIntake
    /// The body, where it is read before the request is answered, and the most bytes that it may have.
    var collected: [UInt8] = []
    var limit = 0
    /// Of what is held of the body.
    var share: BodyBudget.Share?
    var saidContinue = false

    init(_ arrival: Arrival, key: HeadMemory.Key? = nil, id: RequestID) {
        self.arrival = arrival
        self.key = key
        self.id = id
        intake = BodyIntake(arrival.head.framing)
    }

    /// With the body, as far as it was collected.
    var request: EdgeRequest {
        guard !collected.isEmpty else { return arrival.request }
        var request = arrival.request
        request.wire.body = collected
        return request
    }
}

@available(*, unavailable)
extension Exchange: Sendable {}
