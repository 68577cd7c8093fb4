import Identity

/// What all connections of one listener have in common.
struct EdgeSite: Sendable {
    let responder: any EdgeResponder
    let limits: EdgeLimits
    let clocks = PerLoop { DeadlineClock(loop: $0) }
    let departures = PerLoop { Departures(loop: $0) }
    let watches = PerLoop { StandingWatch(loop: $0) }
    let clients: ClientAddresses
    let log: AccessLog
    let dates: DateLine
    let ids: RequestIDs
    let upstreams: UpstreamPools
    let meter: ListenerMeter
    let budget: BodyBudget
    let peers: PeerCounts
    let now: @Sendable () -> Instant
    /// Whether the server is going down, so that clients are told to come back on another connection.
    let isDraining: @Sendable () -> Bool
}
