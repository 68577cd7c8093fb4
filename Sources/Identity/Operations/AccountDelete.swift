/// Deletes the caller's own account.
package struct AccountDelete {
    package static let signature = OperationSignature(
        .accountDelete, need: .required, slots: [.currentPassword],
        outcomes: [.deleted: []],
        failures: [.locked])
}
