/// Ends a login by the code that was mailed after the right password.
package struct LoginCode {
    package static let signature = OperationSignature(
        .loginCode, need: .none, slots: [.identifier, .email, .username, .phone, .code],
        outcomes: [.signedIn: [.account, .token]],
        failures: [.unknownAccount, .suspended, .noCode, .wrongCode, .expiredCode, .locked])

    private enum Verdict: Sendable {
        case signedIn(Account, DraftedTokens)
        case refused(FailureKind)
    }

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard let code = call.text(.code) else { throw Failure(.noCode) }
        try await call.settleAddress()
        let found = try await call.store.read { store in
            try call.refuseLockedAddress(in: store)
            return try call.accountToSignIn(in: store)
        }
        if let found { try await call.settleWindows([dayBucket(found.id, call)]) }
        let tokens = call.planTokens()
        let verdict = try await call.store.write { store in
            guard let found else {
                try call.countAddress(in: store)
                return Verdict.refused(call.reveals(.loginCode) ? .unknownAccount : .noCode)
            }
            return try judge(code, of: found.id, tokens, call, in: store)
        }
        switch verdict {
        case .signedIn(let account, let drafted):
            call.report(.signedIn(account.id))
            return (.signedIn, call.facts(account, token: try await call.sign(drafted)))
        case .refused(let kind):
            call.report(.signInFailed(found?.id, kind))
            throw Failure(kind)
        }
    }

    /// Where the wrong codes of a day are counted.
    private static func dayBucket(_ id: AccountID, _ call: Call) -> String { "codes/\(call.realm)/\(id)" }

    private static func judge(
        _ code: String, of id: AccountID, _ tokens: PlannedTokens, _ call: Call, in store: any StoreWriting
    ) throws -> Verdict {
        guard var account = try store.account(id: id, realm: call.realm), account.status != .deleted else { return .refused(.noCode) }
        let day = dayBucket(id, call)
        if let wrong = try store.counter(day), wrong.endsAt > call.now, wrong.count >= call.policy.guesses.codeTriesPerDay {
            return .refused(.wrongCode)
        }
        let verdict = try call.tryCode(code, .loginCode, of: account, tries: call.codePolicyOfLogin.tries, in: store)
        if case .refused(let kind) = verdict {
            if kind == .wrongCode { _ = try store.count(day, window: .seconds(86_400), at: call.now) }
            try call.countAddress(in: store)
            return .refused(kind)
        }
        try store.clear(day)
        try store.clear(Call.mailBucket(.loginCode, id, call.realm))
        try store.clear(Call.mailBucket(.loginCode, account.email, call.realm))
        guard account.status == .active else { return .refused(.suspended) }
        // Whoever read the code reads the mailbox.
        if account.confirmedAt == nil {
            account.confirmedAt = call.now
            account.updatedAt = call.now
        }
        let drafted = try call.signIn(&account, tokens, in: store)
        return .signedIn(account, drafted)
    }
}
