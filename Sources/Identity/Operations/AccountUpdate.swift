/// Changes the caller's own account: all that was asked for, or nothing.
package struct AccountUpdate {
    package static let signature = OperationSignature(
        .accountUpdate, need: .required, slots: [.email, .username, .phone, .password, .passwordConfirmation, .currentPassword, .role],
        takesAttributes: true,
        outcomes: [.updated: [.account]],
        failures: [.locked])

    /// The mails that a change may owe, planned before it is known which will be.
    private struct Mails: Sendable {
        var passwordChanged: PlannedMail
        var emailChanged: PlannedMail
        var alreadyRegistered: PlannedMail
        var proof: PlannedMail?
    }

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let before = try call.caller().account
        if call.text(.password) != nil { try await call.requireCurrentPassword() }
        let hash = try await call.newPasswordHash()
        let mails = Mails(
            passwordChanged: call.plan(.passwordChanged), emailChanged: call.plan(.emailChanged),
            alreadyRegistered: call.plan(.alreadyRegistered),
            proof: call.planProof(call.policy.emailChange == .pending ? .confirmNewEmail : .confirm))
        let adopted = call.planTokens().session
        let account = try await call.store.write { store in
            let call = try call.judgedAgain(in: store)
            let stored = try call.caller().account
            var account = stored
            call.writeAttributes(&account)
            if let role = call.text(.role), call.mayAssign(role) { account.role = role }
            changeNames(&account, call)
            if let hash {
                account.passwordHash = hash
                let session = try call.adoptSession(adopted, in: store)
                try call.afterPasswordChange(&account, keeping: session, in: store)
                if call.policy.passwordChangedMail == .always { try call.send(mails.passwordChanged, to: stored, in: store) }
            }
            try changeEmail(&account, mails, call, in: store)
            guard account != stored else { return stored }
            account.updatedAt = call.now
            do {
                return try store.update(account)
            } catch StoreError.taken(let kind) {
                throw call.duplicate(kind)
            }
        }
        if hash != nil { call.report(.passwordChanged(account.id)) }
        if !account.role.hasSameBytes(as: before.role) { call.report(.roleChanged(account.id)) }
        if !account.shownEmail.hasSameBytes(as: before.shownEmail) { call.report(.emailChanged(account.id)) }
        return (.updated, call.facts(account))
    }

    private static func changeNames(_ account: inout Account, _ call: Call) {
        for kind in [IdentifierKind.username, .phone] where call.policy.identifiers[kind] != nil {
            guard let typed = call.text(kind.slot) else { continue }
            if kind == .username { account.username = call.kept(kind, typed) } else { account.phone = call.kept(kind, typed) }
        }
    }

    /// The old address is told of every change; the new one is asked to confirm itself, unless it is somebody else's.
    private static func changeEmail(_ account: inout Account, _ mails: Mails, _ call: Call, in store: any StoreWriting) throws {
        guard call.policy.emailChange != .refused, let typed = call.text(.email) else { return }
        let email = call.kept(.email, typed)
        // Forms send what they were shown: that asks for nothing, not even for another proof of a new address.
        guard !email.hasSameBytes(as: account.shownEmail) else { return }
        try store.clear(account.voidNewEmailBucket)
        if email.hasSameBytes(as: account.email) {
            account.pendingEmail = nil
            return try store.void(account: account.id, purpose: .confirm)
        }
        let holder = try call.holder(.email, email, in: store)
        let isTaken = holder != nil && holder?.id != account.id
        guard !isTaken || (call.hides && call.policy.emailChange == .pending) else { throw call.duplicate(.email) }
        let old = account.email
        if call.policy.emailChange == .immediate {
            try moveNow(&account, to: email, mails, call, in: store)
            return try call.send(mails.emailChanged, to: account, at: old, in: store)
        }
        account.pendingEmail = email
        try call.send(mails.emailChanged, to: account, at: old, in: store)
        // What was mailed to another address must not confirm this one.
        try store.void(account: account.id, purpose: .confirm)
        if isTaken, let holder, holder.status != .deleted {
            try call.send(mails.alreadyRegistered, to: holder, in: store)
        } else if !isTaken, let proof = mails.proof {
            try call.send(proof, to: account, at: email, in: store)
        }
    }

    private static func moveNow(
        _ account: inout Account, to email: String, _ mails: Mails, _ call: Call, in store: any StoreWriting
    ) throws {
        account.email = email
        account.pendingEmail = nil
        try store.void(account: account.id, purpose: .reset)
        try call.dropPending(email, except: account.id, in: store)
        guard let proof = mails.proof else { return }
        account.confirmedAt = nil
        try call.send(proof, to: account, in: store)
    }
}
