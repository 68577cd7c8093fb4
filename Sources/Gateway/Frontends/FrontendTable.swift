/// The frontends of one address, and which of them a request is for.
struct FrontendTable: Sendable {
    /// Those with a host first, as a host of one's own is nearer than none.
    let frontends: [FrontendRuntime]

    init(_ frontends: [FrontendRuntime]) {
        self.frontends = frontends.filter { $0.configuration.host != nil } + frontends.filter { $0.configuration.host == nil }
    }

    /// By host, then by prefix.
    ///
    /// A host that one frontend names is never answered by another.
    func frontend(host: String?, path: String) -> FrontendRuntime? {
        let isNamed = host != nil && frontends.contains { $0.configuration.host == host }
        return frontends.first { $0.configuration.host == (isNamed ? host : nil) && $0.covers(path) }
    }

    /// For a request that is no request: the only frontend that it can be for.
    func likely(_ request: PartialRequest) -> FrontendRuntime? {
        if let path = request.path, let frontend = frontend(host: request.host, path: path) { return frontend }
        return frontends.count == 1 ? frontends[0] : nil
    }
}
