/// Gives a new access token for the current one, in the same session.
///
/// Where a window lets expired tokens be renewed, each is renewed once; else the old one lives on to its own end.
package struct Reissue {
    package static let signature = OperationSignature(
        .reissue, need: .required, slots: [],
        outcomes: [.reissued: [.account, .token]])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard case .reissue(let window) = call.policy.renewal, let token = try call.caller().token else { throw Failure(.wrongKind) }
        let plan = call.planTokens()
        let (account, drafted) = try await call.store.write { store in
            let call = try call.judgedAgain(in: store)
            let account = try call.caller().account
            guard let session = try call.adoptSession(plan.session, in: store) else { throw Failure(.revokedCredential) }
            if window != nil {
                guard try store.endToken(token, at: call.now) else { throw Failure(.revokedCredential) }
            }
            let access = try call.issue(call.frontend.access, to: account, session: session, jti: plan.accessJTI, in: store)
            return (account, DraftedTokens(access: access))
        }
        return (.reissued, call.facts(account, token: try await call.sign(drafted)))
    }
}
