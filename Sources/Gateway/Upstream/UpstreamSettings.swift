/// What a configuration says of one upstream.
package struct UpstreamSettings: Sendable, Hashable {
    /// In turn; never empty.
    package var addresses: [UpstreamAddress]
    /// How long a connection may take to be made.
    package var connectTimeout: Duration = .seconds(2)
    /// How long an answer's head may take, from the end of the request.
    package var answerTimeout: Duration = .seconds(30)
    /// How long an answer may pause.
    package var idleTimeout: Duration = .seconds(60)
    /// How long a switched connection or an event stream may pause.
    package var streamTimeout: Duration = .seconds(3600)
    /// How long a connection is kept for a next request, at most.
    package var keepTimeout: Duration = .seconds(30)
    /// The client's `Host` goes on, instead of the upstream's own.
    package var preservesHost = false
    /// A signed token that says who is calling goes with each request.
    package var hasInternalToken = false
    /// How many connections each event loop may have, of all addresses together.
    package var connections = 512

    package init(addresses: [UpstreamAddress]) { self.addresses = addresses }
}
