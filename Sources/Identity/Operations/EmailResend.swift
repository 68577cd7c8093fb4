/// Mails a fresh proof of address.
package struct EmailResend {
    package static let signature = OperationSignature(
        .emailResend, need: .none, slots: [.email],
        outcomes: [.sent: []],
        failures: [.unknownAccount, .alreadyConfirmed])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let email = call.text(.email) ?? ""
        let proof = call.planProof(.confirm)
        let proofOfNew = call.planProof(.confirmNewEmail)
        let refusal: FailureKind? = try await call.store.write { store in
            guard let account = try call.account(email: email, in: store) else {
                try call.pretend(proof, to: email, in: store)
                return .unknownAccount
            }
            if let pending = account.pendingEmail, try store.counter(account.voidNewEmailBucket) == nil {
                // Somebody else's address is never asked to confirm.
                guard let proofOfNew, try call.holder(.email, pending, in: store) == nil else { return nil }
                try call.send(proofOfNew, to: account, at: pending, in: store)
                return nil
            }
            guard account.confirmedAt == nil else {
                try call.pretend(proof, to: email, in: store)
                return .alreadyConfirmed
            }
            if let proof { try call.send(proof, to: account, in: store) }
            return nil
        }
        if let refusal, call.reveals(.emailResend) { throw Failure(refusal) }
        return (.sent, call.requestFacts)
    }
}
