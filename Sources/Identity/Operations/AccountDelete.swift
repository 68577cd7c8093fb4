/// Deletes the caller's own account; a current password that is sent must be right.
package struct AccountDelete {
    package static let signature = OperationSignature(
        .accountDelete, need: .required, slots: [.currentPassword],
        outcomes: [.deleted: []],
        failures: [.locked])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let id = try call.caller().account.id
        if call.text(.currentPassword) != nil { try await call.requireCurrentPassword() }
        try await call.store.write { store in
            let account = try call.judgedAgain(in: store).caller().account
            try call.forgiveGuesses(id, in: store)
            try store.delete(account, call.policy.deletion, at: call.now)
        }
        call.report(.accountDeleted(id))
        return (.deleted, call.requestFacts)
    }
}
