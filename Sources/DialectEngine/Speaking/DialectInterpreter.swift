import Identity

/// Speaks one dialect: reads a request as an operation, and writes what became of it as an answer.
///
/// Pure functions of a dialect that is known to be sound; nothing here can fail, wait or remember. Every answer carries the headers of the
/// dialect's CORS policy already; `crossOriginHeaders(for:)` are for answers that an upstream wrote.
package struct DialectInterpreter: Sendable {
    package let dialect: Dialect
    package let table: RouteTable
    let origins: CrossOrigin?
    /// Under which it is served; requests come without it.
    let prefix: String

    /// Makes the tables.
    ///
    /// `origins`, when there are any, replace those of the dialect's CORS policy. `prefix` is the path under which the dialect is served,
    /// such as `/shop`, or empty.
    package init(_ dialect: Dialect, origins: [String] = [], prefix: String = "") {
        self.dialect = dialect
        self.table = RouteTable(dialect)
        self.prefix = prefix
        self.origins = dialect.cors.map { CrossOrigin(policy: $0, configured: origins) }
    }

    /// What the request is.
    package func recognise(_ request: WireRequest) -> Recognition {
        if let preflight = origins?.preflight(for: request) { return .preflight(preflight) }
        var fields = RequestFields(request, policy: dialect.bodies)
        switch match(request, &fields) {
        case .native(let route, let parameters, let locale):
            let language = dialect.languages.chosen(for: &fields, locale: locale)
            return native(route, parameters: parameters, language: language, fields: fields)
        case .guarded(let gate, let locale):
            let language = dialect.languages.chosen(for: &fields, locale: locale)
            return .guarded(guarded(gate, request: request, language: language))
        case .methodNotAllowed(let allowed, let locale):
            let language = dialect.languages.chosen(for: &fields, locale: locale)
            let failure = Failure(.methodNotAllowed, allowed: allowed)
            return .refuse(failure.kind, render(failure: failure, at: .unrouted, request: request, language: language))
        case .unknownLocale(let path):
            let language = dialect.languages.chosen(for: &fields, locale: nil)
            return .respond(redirect(request, to: path, language: language))
        case .notFound:
            let language = dialect.languages.chosen(for: &fields, locale: nil)
            return .refuse(.notFound, render(failure: Failure(.notFound), at: .unrouted, request: request, language: language))
        }
    }

    /// The guard that judges a request, when its head tells: no route of the dialect's own could be meant, whatever its body says.
    package func guarded(byHeadOf request: WireRequest) -> GuardedRequest? {
        guard let (gate, locale) = table.guarded(method: request.method, path: request.path),
            request.method != "OPTIONS" || origins?.preflight(for: request) == nil
        else { return nil }
        var fields = RequestFields(request, policy: dialect.bodies)
        return guarded(gate, request: request, language: dialect.languages.chosen(for: &fields, locale: locale))
    }

    /// The language of a request whose route does not matter: for what is refused before `recognise` can be asked.
    package func language(of request: WireRequest) -> String {
        var fields = RequestFields(request, policy: dialect.bodies)
        return dialect.languages.chosen(for: &fields, locale: nil)
    }

    private func match(_ request: WireRequest, _ fields: inout RequestFields) -> RouteTable.Match {
        if request.method == "POST", let asked = overridden(request, &fields) { return asked }
        return table.match(method: request.method, path: request.path) { condition in
            let found = fields.value(of: condition.source, parameters: [:])?.value
            return found?.shown == condition.literal
        }
    }

    /// The route that a form asks for by naming another method in its field; only routes that allow it, only in a form's body.
    private func overridden(_ request: WireRequest, _ fields: inout RequestFields) -> RouteTable.Match? {
        for candidate in table.overridable(path: request.path) {
            guard let name = candidate.route.methodField, let method = fields.formField(name)?.uppercased(),
                method != request.method, candidate.route.methods.contains(method)
            else { continue }
            return .native(candidate.route, parameters: candidate.parameters, locale: candidate.locale)
        }
        return nil
    }

    private func native(_ route: Route, parameters: [String: String], language: String, fields: RequestFields) -> Recognition {
        let request = fields.request
        guard request.method != "HEAD" || route.methods.contains("HEAD") || route.operation.isReading else {
            return .respond(empty(200, request: request, language: language))
        }
        var filling = SlotFilling(bodies: dialect.bodies, parameters: parameters, fields: fields)
        return .operation(
            route,
            OperationRequest(
                operation: route.operation, slots: filling.slots(of: route), rules: route.rules, validation: route.validation,
                credential: dialect.credentials.credential(of: request, kinds: route.kinds), credentialKinds: route.kinds,
                need: route.need, roles: route.roles, unreadable: filling.unreadable(for: route), language: language,
                path: request.path, address: request.address))
    }

    private func guarded(_ gate: Guard, request: WireRequest, language: String) -> GuardedRequest {
        let kinds = gate.foreignKeys ? gate.kinds.union([.apiKey]) : gate.kinds
        let credential = dialect.credentials.credential(of: request, kinds: kinds)
        let passes = gate.foreignKeys && dialect.credentials.isForeign(credential)
        return GuardedRequest(gate: gate, credential: credential, passesUnjudged: passes, language: language)
    }
}

extension OperationName {
    /// Whether asking it twice is as asking it once and nothing is used up: what `HEAD` may do in place of `GET`.
    var isReading: Bool {
        switch self {
        case .accountRead, .accountStats, .apiKeyRead, .passwordResetPage, .static: true
        case .register, .login, .loginCode, .emailConfirm, .emailResend, .refresh, .reissue, .logout, .passwordForgot, .passwordReset,
            .passwordChange, .accountUpdate, .accountDelete, .accountCreate, .apiKeyRotate:
            false
        }
    }
}
