/// Sets a new password for a caller who knows the old one.
package struct PasswordChange {
    package static let signature = OperationSignature(
        .passwordChange, need: .required, slots: [.currentPassword, .password, .passwordConfirmation],
        outcomes: [.changed: [.account]],
        failures: [.locked])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let principal = try call.caller()
        try await call.requireCurrentPassword()
        guard let hash = try await call.newPasswordHash() else {
            throw Failure(.missing, problems: [call.problem(.password, .required)])
        }
        let notice = call.plan(.passwordChanged)
        let adopted = call.planTokens().session
        let account = try await call.store.write { store in
            var account = try call.unchanged(principal, in: store)
            account.passwordHash = hash
            account.updatedAt = call.now
            let session = try call.adoptSession(adopted, in: store)
            try call.afterPasswordChange(&account, keeping: session, in: store)
            account = try store.update(account)
            try call.send(notice, to: account, in: store)
            return account
        }
        call.environment.report(.passwordChanged(account.id))
        return (.changed, call.facts(account))
    }
}

extension Call {
    /// The caller's account as it is now; a conflict when its password is no longer the one that the caller has just proved to know.
    func unchanged(_ principal: Principal, in store: any StoreReading) throws -> Account {
        guard let account = try store.account(id: principal.account.id, realm: realm), account.status == .active else {
            throw Failure(.accountGone)
        }
        let hasProved = text(.currentPassword) != nil
        guard !hasProved || account.passwordHash == principal.account.passwordHash else { throw StoreError.conflict }
        return account
    }
}
