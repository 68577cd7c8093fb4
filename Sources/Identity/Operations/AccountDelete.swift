/// Deletes the caller's own account.
package struct AccountDelete {
    package static let signature = OperationSignature(
        .accountDelete, need: .required, slots: [.currentPassword],
        outcomes: [.deleted: []],
        failures: [.locked])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let id = try call.caller().account.id
        try await call.store.write { try call.delete(id, in: $0) }
        call.environment.report(.accountDeleted(id))
        return (.deleted, call.requestFacts)
    }
}

extension Call {
    /// Takes an account away, or only marks it so that its identifiers stay taken.
    func delete(_ id: AccountID, in store: any StoreWriting) throws {
        guard var account = try store.account(id: id, realm: realm), account.status != .deleted else { throw Failure(.accountGone) }
        try forgiveGuesses(id, in: store)
        guard policy.deletion == .keepsIdentifiers else { return try store.erase(id) }
        account.status = .deleted
        account.pendingEmail = nil
        account.sessionsEndedAt = now
        account.updatedAt = now
        _ = try store.update(account)
        try store.endSessions(of: id, except: nil, at: now)
        for purpose in SecretPurpose.allCases { try store.void(account: id, purpose: purpose) }
    }
}
