package import DialectEngine

/// What stands behind a listener.
package protocol EdgeResponder: Sendable {
    /// The most bytes of body that this request may bring.
    func bodyLimit(_ request: EdgeRequest) -> Int
    /// Never throws: what goes wrong is an answer too.
    func answer(_ request: EdgeRequest) async -> EdgeAnswer
    /// An answer to what never became a request, in the words of the frontend that it seems to be for.
    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer
}

/// A request that passed the edge.
package struct EdgeRequest: Sendable {
    package var wire: WireRequest
    /// In lower case, without its port; nil when an HTTP/1.0 client named none.
    package var host: String?
    /// The client's request id, or ours.
    package var id: String
}

/// What is known of a request that was refused at the edge.
package struct PartialRequest: Sendable {
    package var method: String?
    package var host: String?
    /// As sent, query cut off: good for choosing a frontend by its prefix, for nothing else.
    package var path: String?
}

/// An answer, and what the access log says of it.
package struct EdgeAnswer: Sendable {
    package var response: WireResponse
    package var frontend: String?
    package var route: String?

    package init(response: WireResponse, frontend: String? = nil, route: String? = nil) {
        self.response = response
        self.frontend = frontend
        self.route = route
    }
}
