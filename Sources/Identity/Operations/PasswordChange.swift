/// Sets a new password for a caller who knows the old one.
package struct PasswordChange {
    package static let signature = OperationSignature(
        .passwordChange, need: .required, slots: [.currentPassword, .password, .passwordConfirmation],
        outcomes: [.changed: [.account]],
        failures: [.locked])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        try await call.requireCurrentPassword()
        guard let hash = try await call.newPasswordHash() else {
            throw Failure(.missing, problems: [call.problem(.password, .required)])
        }
        let notice = call.plan(.passwordChanged)
        let adopted = call.planTokens().session
        let account = try await call.store.write { store in
            let call = try call.judgedAgain(in: store)
            var account = try call.caller().account
            account.passwordHash = hash
            account.updatedAt = call.now
            let session = try call.adoptSession(adopted, in: store)
            try call.afterPasswordChange(&account, keeping: session, in: store)
            account = try store.update(account)
            if call.policy.passwordChangedMail == .always { try call.send(notice, to: account, in: store) }
            return account
        }
        call.report(.passwordChanged(account.id))
        return (.changed, call.facts(account))
    }
}
