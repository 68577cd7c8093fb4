import Identity

/// What a request carries, as values: each place is read when it is first asked for, and once.
struct RequestFields {
    /// A body or a query, read or refused.
    enum Reading {
        case fields(Value)
        case refused(FailureKind)

        var fields: Value {
            guard case .fields(let fields) = self else { return .object([]) }
            return fields
        }
    }

    let request: WireRequest
    private let policy: BodyPolicy
    private var readDocument: (Reading, isTyped: Bool)?
    private var readQuery: Reading?
    private var readCookies: [(name: String, value: String)]?

    init(_ request: WireRequest, policy: BodyPolicy) {
        self.request = request
        self.policy = policy
    }

    /// The body's kind by its content type; nil when it is not one that the dialect reads.
    var bodyKind: BodyPolicy.Kind? {
        guard let name = Self.mediaType(of: request)?.name, let kind = Self.kinds[name], policy.kinds.contains(kind) else { return nil }
        return kind
    }

    /// The body's content type; nil when there is none, or none that can be read.
    static func mediaType(of request: WireRequest) -> MediaType? {
        let written = request.values("content-type")
        guard written.count == 1 else { return nil }
        return try? MediaType(contentType: written[0])
    }

    /// The fields of the body, taken from under the dialect's root.
    mutating func body() -> Reading {
        let (document, isTyped) = document()
        guard isTyped, case .fields(let tree) = document else { return document }
        guard let root = policy.root else { return document }
        guard let fields = tree[root], case .object = fields else { return verdict(policy.notObject, .malformed) }
        return .fields(fields)
    }

    /// A text that stands in a form beside the root (`_method`).
    mutating func formField(_ name: String) -> String? {
        guard bodyKind == .form || bodyKind == .multipart else { return nil }
        return document().0.fields[name]?.string
    }

    mutating func query() -> Reading {
        if let readQuery { return readQuery }
        let reading: Reading
        do {
            reading = .fields(try FormReader.read((request.query ?? "").utf8))
        } catch {
            reading = refusal(of: error)
        }
        readQuery = reading
        return reading
    }

    mutating func cookie(_ name: String) -> String? {
        let cookies = readCookies ?? CookieField.pairs(in: request.values("cookie"))
        readCookies = cookies
        return cookies.first { $0.name == name }?.value
    }

    /// What a source holds; `isText` tells values that could only be sent as text.
    mutating func value(of source: SlotSource.Source, parameters: [String: String]) -> (value: Value, isText: Bool)? {
        switch source {
        case .body(let path):
            var value: Value? = body().fields
            for name in path { value = value?[name] }
            return value.map { ($0, isText: bodyKind != .json) }
        case .query(let name): return query().fields[name].map { ($0, isText: true) }
        case .header(let name): return request.value(name.lowercased()).map { (.string($0), isText: true) }
        case .cookie(let name): return cookie(name).map { (.string($0), isText: true) }
        case .path(let name): return parameters[name].map { (.string($0), isText: true) }
        case .constant(let value): return (value, isText: false)
        }
    }

    // MARK: The document

    private static let kinds: [String: BodyPolicy.Kind] = [
        "application/json": .json, "application/x-www-form-urlencoded": .form, "multipart/form-data": .multipart,
    ]

    /// The whole body; `isTyped` is false where the dialect takes it for empty.
    private mutating func document() -> (Reading, isTyped: Bool) {
        if let readDocument { return readDocument }
        let document = readBody()
        var isTyped = false
        if case .fields(let tree) = document, case .object = tree { isTyped = true }
        let kept: (Reading, isTyped: Bool) = isTyped || isRefused(document) ? (document, isTyped) : (.fields(.object([])), false)
        readDocument = kept
        return kept
    }

    private func isRefused(_ reading: Reading) -> Bool {
        guard case .refused = reading else { return false }
        return true
    }

    /// The body as a tree; `.null` where it counts as empty.
    private func readBody() -> Reading {
        guard request.body.count <= policy.limit else { return .refused(.tooLarge) }
        guard !request.body.isEmpty else { return verdict(policy.notObject, .malformed) }
        guard let kind = bodyKind else { return verdict(policy.otherType, .unsupportedMedia) }
        let limits = JSONReader.Limits(maxBytes: policy.limit)
        switch kind {
        case .json:
            do {
                let tree = try JSONReader.read(request.body, limits: limits)
                guard case .object = tree else { return verdict(policy.notObject, .malformed) }
                return .fields(tree)
            } catch {
                return refusal(of: error)
            }
        case .form:
            do {
                return .fields(try FormReader.read(request.body, limits: limits))
            } catch {
                return refusal(of: error)
            }
        case .multipart:
            guard let boundary = Self.mediaType(of: request)?.boundary else { return verdict(policy.hostile, .malformed) }
            do {
                return .fields(try MultipartReader.read(request.body, boundary: boundary, limits: limits).fields)
            } catch {
                return refusal(of: error)
            }
        }
    }

    private func refusal(of fault: FormFault) -> Reading {
        if fault == .tooLong { return .refused(.tooLarge) }
        return verdict(fault.isHostile ? policy.hostile : policy.malformed, .malformed)
    }

    private func refusal(of fault: JSONFault) -> Reading {
        switch fault {
        case .tooLong: .refused(.tooLarge)
        case .duplicateMember, .tooDeep, .tooManyMembers, .nul: verdict(policy.hostile, .malformed)
        case .syntax, .invalidUTF8, .trailing: verdict(policy.malformed, .malformed)
        }
    }

    private func verdict(_ verdict: BodyPolicy.Verdict, _ kind: FailureKind) -> Reading {
        switch verdict {
        case .refuse: .refused(kind)
        case .empty: .fields(.null)
        }
    }
}
