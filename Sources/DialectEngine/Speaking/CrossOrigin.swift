/// Lets pages of other origins call (the Fetch standard's CORS protocol).
struct CrossOrigin: Sendable {
    private let policy: CORSPolicy
    private let origins: Set<String>

    /// `configured` origins, when there are any, replace the policy's own.
    init(policy: CORSPolicy, configured: [String]) {
        self.policy = policy
        self.origins = Set(configured.isEmpty ? policy.origins : configured)
    }

    private var allowsAll: Bool { origins.contains("*") }

    /// The answer to a preflight; nil when the request is none.
    func preflight(for request: WireRequest) -> WireResponse? {
        guard request.method == "OPTIONS", request.value("origin") != nil, request.value("access-control-request-method") != nil else {
            return nil
        }
        var headers = HeaderList()
        guard addOrigin(for: request, to: &headers) else { return WireResponse(status: 204, headers: headers.fields) }
        headers.set("Access-Control-Allow-Methods", policy.methods.joined(separator: ", "))
        if policy.headers.isEmpty {
            if let asked = Self.names(request.values("access-control-request-headers")) {
                headers.set("Access-Control-Allow-Headers", asked)
            }
            headers.vary("Access-Control-Request-Headers")
        } else {
            headers.set("Access-Control-Allow-Headers", policy.headers.joined(separator: ", "))
        }
        if let maxAge = policy.maxAge { headers.set("Access-Control-Max-Age", String(maxAge)) }
        return WireResponse(status: 204, headers: headers.fields)
    }

    /// What every answer but a preflight's carries.
    func addHeaders(for request: WireRequest, to headers: inout HeaderList) {
        guard addOrigin(for: request, to: &headers) else { return }
        headers.set("Access-Control-Expose-Headers", policy.exposed.joined(separator: ", "))
    }

    /// Names the request's origin if it may read the answer; credentials never go with `*`.
    private func addOrigin(for request: WireRequest, to headers: inout HeaderList) -> Bool {
        guard !allowsAll else {
            headers.set("Access-Control-Allow-Origin", "*")
            return true
        }
        headers.vary("Origin")
        let asking = request.values("origin")
        guard asking.count == 1, let origin = asking.first, origins.contains(origin) else { return false }
        headers.set("Access-Control-Allow-Origin", origin)
        if policy.credentials { headers.set("Access-Control-Allow-Credentials", "true") }
        return true
    }

    /// The field names asked for, when they are nothing but names.
    private static func names(_ fields: [String]) -> String? {
        let names = fields.joined(separator: ",").split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
        let isSound = names.allSatisfy { name in
            name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        }
        return isSound && !names.isEmpty && names.count <= 64 ? names.joined(separator: ", ") : nil
    }
}

extension DialectInterpreter {
    /// The CORS headers of an answer that somebody else wrote, to replace any that it has; empty without a policy.
    package func crossOriginHeaders(for request: WireRequest) -> [(name: String, value: String)] {
        var headers = HeaderList()
        origins?.addHeaders(for: request, to: &headers)
        return headers.fields
    }
}
