/// Confirms an address by the mailed code or link.
package struct EmailConfirm {
    package static let signature = OperationSignature(
        .emailConfirm, need: .none, slots: [.email, .code, .link],
        outcomes: [.confirmed: [.account]],
        failures: [
            .noCode, .wrongCode, .expiredCode, .noLink, .unknownLink, .expiredLink, .usedLink, .unknownAccount, .alreadyConfirmed,
            .locked,
        ])

    private enum Verdict: Sendable {
        case confirmed(Account)
        case refused(FailureKind)
    }

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let verdict =
            if case .code(let policy) = call.policy.confirmation {
                try await byCode(policy, call)
            } else {
                try await byLink(call)
            }
        switch verdict {
        case .confirmed(let account): return (.confirmed, call.facts(account))
        case .refused(let kind): throw Failure(kind)
        }
    }

    private static func byCode(_ policy: CodePolicy, _ call: Call) async throws -> Verdict {
        guard let code = call.text(.code) else { return .refused(.noCode) }
        let email = call.text(.email) ?? ""
        try await call.settleAddress()
        return try await call.store.write { store in
            try call.refuseLockedAddress(in: store)
            guard let account = try call.account(email: email, in: store) else {
                try call.countAddress(in: store)
                try call.pretend(nil, to: email, in: store)
                return .refused(call.hides ? .noCode : .unknownAccount)
            }
            guard account.confirmedAt == nil || account.pendingEmail != nil else {
                return .refused(call.hides ? .noCode : .alreadyConfirmed)
            }
            switch try call.tryCode(code, .confirm, of: account, tries: policy.tries, in: store) {
            case .refused(let kind):
                try call.countAddress(in: store)
                return .refused(kind)
            case .good(let secret): return try confirm(account, secret, otherwise: .noCode, call, in: store)
            }
        }
    }

    private static func byLink(_ call: Call) async throws -> Verdict {
        guard let token = call.text(.link) else { return .refused(.noLink) }
        guard case .link(let policy) = call.policy.confirmation else { return .refused(.unknownLink) }
        return try await call.store.write { store in
            guard let (secret, account) = try call.secret(link: token, .confirm, in: store) else { return .refused(.unknownLink) }
            if let usedAt = secret.usedAt {
                if let repeats = policy.repeats, call.now < usedAt + repeats {
                    // Only what it did is told again.
                    let isConfirmed = account.confirmedAt != nil && account.email.hasSameBytes(as: secret.address)
                    return isConfirmed ? .confirmed(account) : .refused(.unknownLink)
                }
                return .refused(secret.isOver(at: call.now) ? .unknownLink : .usedLink)
            }
            guard !secret.isOver(at: call.now) else { return .refused(.expiredLink) }
            guard try store.use(secret.id, at: call.now) else { return .refused(.usedLink) }
            return try confirm(account, secret, otherwise: .unknownLink, call, in: store)
        }
    }

    /// Confirms the address that the secret was mailed to, and none other.
    ///
    /// A new address that somebody else has meanwhile is dropped.
    private static func confirm(
        _ account: Account, _ secret: Secret, otherwise: FailureKind, _ call: Call, in store: any StoreWriting
    ) throws -> Verdict {
        var account = account
        account.updatedAt = call.now
        if let pending = account.pendingEmail, pending.hasSameBytes(as: secret.address) {
            var moved = account
            moved.email = pending
            moved.pendingEmail = nil
            moved.confirmedAt = call.now
            do {
                moved = try store.update(moved)
            } catch StoreError.taken {
                account.pendingEmail = nil
                _ = try store.update(account)
                return .refused(otherwise)
            }
            try call.dropPending(pending, except: moved.id, in: store)
            return .confirmed(moved)
        }
        guard account.email.hasSameBytes(as: secret.address) else { return .refused(otherwise) }
        guard account.confirmedAt == nil else { return .refused(.alreadyConfirmed) }
        account.confirmedAt = call.now
        return .confirmed(try store.update(account))
    }
}
