/// Where every request ends up: the operations of one frontend over one environment.
///
/// `perform` never throws: a refusal is a value. It judges in one order: the caller (token, then role), a body that could not be read, the
/// link of a reset (where the policy puts it first), the rules of the fields, the operation itself.
package struct IdentityEngine: Sendable {
    package let environment: IdentityEnvironment
    package let frontend: Frontend
    /// Nil: every token is asked of the store.
    ///
    /// It belongs to this frontend alone, as tokens do.
    let cache: PrincipalCache?

    package init(environment: IdentityEnvironment, frontend: Frontend, cache: PrincipalCache? = nil) {
        self.environment = environment
        self.frontend = frontend
        self.cache = cache
    }

    package func perform(_ request: OperationRequest) async -> OperationResult {
        var call = Call(environment: environment, frontend: frontend, request: request)
        do {
            call.principal = try await caller(of: request)
            let (outcome, facts) = try await run(call)
            return .outcome(outcome, facts)
        } catch {
            let refusal = refusal(for: error, of: request.operation, by: call.principal?.account.id, from: call.address)
            return .failure(refusal, call.requestFacts)
        }
    }

    private func run(_ call: Call) async throws -> Ending {
        let request = call.request
        if request.need == .required, let roles = request.roles, try !call.caller().hasRole(among: roles) { throw Failure(.forbidden) }
        if let unreadable = request.unreadable { throw Failure(unreadable) }
        try call.refuseNUL()
        if request.operation == .passwordReset, frontend.policy.reset.linkFirst { try await call.judgeResetLink() }
        try await call.checkRules()
        return try await operation(request.operation)(call)
    }

    /// The list of operations.
    private func operation(_ name: OperationName) -> @Sendable (Call) async throws -> Ending {
        switch name {
        case .register: Register.run
        case .login: Login.run
        case .loginCode: LoginCode.run
        case .emailConfirm: EmailConfirm.run
        case .emailResend: EmailResend.run
        case .refresh: Refresh.run
        case .reissue: Reissue.run
        case .logout: Logout.run
        case .passwordForgot: PasswordForgot.run
        case .passwordResetPage: PasswordResetPage.run
        case .passwordReset: PasswordReset.run
        case .passwordChange: PasswordChange.run
        case .accountRead: AccountRead.run
        case .accountUpdate: AccountUpdate.run
        case .accountDelete: AccountDelete.run
        case .accountCreate: AccountCreate.run
        case .accountStats: AccountStats.run
        case .apiKeyRead: APIKeyRead.run
        case .apiKeyRotate: APIKeyRotate.run
        case .static: Static.run
        }
    }

    private func caller(of request: OperationRequest) async throws -> Principal? {
        switch request.need {
        case .none:
            return nil
        case .optional:
            do {
                return try await principal(of: request)
            } catch let failure as Failure where failure.kind.lineage.contains(.unauthenticated) {
                return nil
            }
        case .required:
            return try await principal(of: request)
        }
    }

    private func principal(of request: OperationRequest) async throws -> Principal {
        var renewal: Duration?
        if request.operation == .reissue, case .reissue(let window) = frontend.policy.renewal { renewal = window }
        return try await authenticate(request.credential, kinds: request.credentialKinds, renewableFor: renewal)
    }

    /// The one place where errors become refusals.
    package func refusal(
        for error: any Error, of operation: OperationName?, by account: AccountID? = nil, from address: String? = nil
    ) -> Failure {
        switch error {
        case let failure as Failure:
            if failure.kind == .locked { environment.report(.locked, from: address) }
            if failure.kind == .forbidden { environment.report(.forbidden(account), from: address) }
            return failure
        case StoreError.unavailable(let reason):
            environment.report(.storeUnavailable(reason), from: address)
            return Failure(.unavailable, retryAfter: .seconds(1))
        case StoreError.conflict:
            return Failure(.unavailable, retryAfter: .seconds(1))
        case let full as HashQueueFull:
            environment.report(.hashQueueFull, from: address)
            return Failure(.unavailable, retryAfter: full.retryAfter)
        default:
            environment.report(.fault(operation, error), from: address)
            return Failure(.internal)
        }
    }
}

/// How an operation ends when nothing refuses it.
typealias Ending = (Outcome, Facts)

extension Principal {
    /// Whether the stored role is one of these; ASCII letter case does not count.
    package func hasRole(among roles: [String]) -> Bool {
        let role = account.role.loweringASCII()
        return roles.contains { $0.loweringASCII().hasSameBytes(as: role) }
    }
}
