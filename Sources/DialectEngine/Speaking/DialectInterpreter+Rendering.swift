package import Identity

extension DialectInterpreter {
    /// The answer to how an operation ended; `asked` is the request as it was recognised.
    package func render(_ result: OperationResult, of route: Route, request: WireRequest, asked: OperationRequest) -> WireResponse {
        render(result, of: route, request: request, language: asked.language, slots: asked.slots)
    }

    /// The answer to how an operation ended.
    ///
    /// `slots` are what the client sent: for conditions on slots, and for pages that show them again.
    package func render(
        _ result: OperationResult, of route: Route, request: WireRequest, language: String, slots: [Slot: SlotValue] = [:]
    ) -> WireResponse {
        switch result {
        case .outcome(let outcome, let facts):
            guard let answer = route.outcomes[outcome] else {
                return render(failure: Failure(.internal), at: .route(route), request: request, language: language)
            }
            var occasion = occasion(request, language: language, slots: slots)
            occasion.facts = facts
            return write(answer, occasion, request)
        case .failure(let failure, let facts):
            return render(failure: failure, facts: facts, at: .route(route), request: request, language: language, slots: slots)
        }
    }

    /// The answer to a refusal.
    ///
    /// `status` stands in for the one that the dialect gives to this failure, in the body too.
    package func render(
        failure: Failure, facts: Facts = Facts(), at place: AnswerPlace, request: WireRequest, language: String,
        slots: [Slot: SlotValue] = [:], status: Int? = nil
    ) -> WireResponse {
        var failure = failure
        // Who is told to come back later is told when.
        if failure.kind == .unavailable, failure.retryAfter == nil { failure.retryAfter = .seconds(5) }
        var occasion = occasion(request, language: language, slots: slots)
        occasion.facts = facts
        occasion.take(failure, codes: codes(at: place))
        guard let answer = answer(to: failure.kind, at: place) else {
            return empty(status ?? failure.kind.plainStatus, request: request, language: language)
        }
        return write(answer, occasion, request, status: status)
    }

    /// An answer without a body.
    func empty(_ status: Int, request: WireRequest, language: String) -> WireResponse {
        var headers = HeaderList()
        addGeneralHeaders(occasion(request, language: language, slots: [:]), request, to: &headers)
        return WireResponse(status: status, headers: headers.fields)
    }

    func redirect(_ request: WireRequest, to path: String, language: String) -> WireResponse {
        var response = empty(302, request: request, language: language)
        let target = prefix + (request.query.map { "\(path)?\($0)" } ?? path)
        response.headers.append((name: "Location", value: Escape.header(target)))
        return response
    }

    // MARK: Finding words

    private func answer(to kind: FailureKind, at place: AnswerPlace) -> Answer? {
        let own: [FailureKind: Answer] =
            switch place {
            case .route(let route): route.answers
            case .gate(let gate): gate.answers
            case .unrouted: [:]
            }
        for kind in kind.lineage.reversed() {
            if let answer = own[kind] ?? dialect.failures.unrouted[kind] { return answer }
        }
        return nil
    }

    private func codes(at place: AnswerPlace) -> [String: String] {
        guard case .route(let route) = place else { return [:] }
        return route.codes
    }

    private func occasion(_ request: WireRequest, language: String, slots: [Slot: SlotValue]) -> Occasion {
        var occasion = Occasion(catalogue: dialect.catalogue, language: language)
        occasion.method = request.method
        occasion.path = request.path
        occasion.slots = slots
        return occasion
    }

    // MARK: Writing

    private func write(_ answer: Answer, _ occasion: Occasion, _ request: WireRequest, status: Int? = nil) -> WireResponse {
        guard let variant = answer.variant(for: request, slots: occasion.slots) else {
            return empty(500, request: request, language: occasion.language)
        }
        var occasion = occasion
        let status = status ?? variant.status
        occasion.status = status
        if let code = variant.code { occasion.code = occasion.value(of: code) }
        if let message = variant.message { occasion.message = occasion.words(message) }

        var headers = HeaderList()
        let body = body(of: variant, occasion, &headers)
        for header in variant.headers { headers.set(header.name, Escape.header(occasion.words(header.value))) }
        if let failure = occasion.failure {
            if !failure.allowed.isEmpty { headers.set("Allow", failure.allowed.joined(separator: ", ")) }
            if let wait = failure.retryAfter { headers.set("Retry-After", String(max(1, wait.secondsRoundedUp))) }
        }
        addGeneralHeaders(occasion, request, to: &headers)
        for cookie in variant.cookies { headers.append("Set-Cookie", cookie.field(occasion)) }
        return WireResponse(status: status, headers: headers.fields, body: body)
    }

    private func body(of variant: AnswerVariant, _ occasion: Occasion, _ headers: inout HeaderList) -> [UInt8] {
        switch variant.body {
        case .empty:
            return []
        case .json(let template):
            headers.set("Content-Type", "application/json; charset=utf-8")
            return occasion.json(template)
        case .text(let message):
            headers.set("Content-Type", "text/plain; charset=utf-8")
            return Array(occasion.words(message).utf8)
        case .page(let pages):
            headers.set("Content-Type", "text/html; charset=utf-8")
            guard let page = pages[occasion.language] ?? pages[dialect.languages.standard] else { return [] }
            return Array(occasion.words(page.narrowedForHTML).utf8)
        case .redirect(let target):
            headers.set("Location", Escape.header(occasion.words(target)))
            return []
        }
    }

    /// What every answer carries, but for what it says itself.
    private func addGeneralHeaders(_ occasion: Occasion, _ request: WireRequest, to headers: inout HeaderList) {
        for header in dialect.headers where !headers.contains(header.name) {
            headers.set(header.name, Escape.header(occasion.words(header.value)))
        }
        if dialect.languages.announced {
            headers.set("Content-Language", occasion.language)
            headers.vary("Accept-Language")
        }
        origins?.addHeaders(for: request, to: &headers)
    }
}

extension FailureKind {
    /// The status where a dialect has no words at all.
    fileprivate var plainStatus: Int {
        let own: Int? =
            switch self {
            case .notFound: 404
            case .methodNotAllowed: 405
            case .tooLarge: 413
            case .malformed: 400
            case .unauthenticated: 401
            case .forbidden: 403
            case .rateLimited: 429
            case .upstream: 502
            case .timeout: 504
            case .unavailable: 503
            default: nil
            }
        return own ?? parent?.plainStatus ?? 500
    }
}
