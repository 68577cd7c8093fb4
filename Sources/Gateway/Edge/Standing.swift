import Identity

/// On what a connection rests that outlives its request: the account of whoever was let pass.
package struct Standing: Sendable {
    let account: AccountID
    let changes: ChangeMark
    /// The count of changes before the account was read; at first none, so that one that has ever changed is looked at again.
    private var mark: UInt64 = 0
    /// Whether the caller may still pass; nil when nobody can tell.
    private let asks: @Sendable () async -> Bool?

    init(_ account: AccountID, _ changes: ChangeMark, asks: @escaping @Sendable () async -> Bool?) {
        self.account = account
        self.changes = changes
        self.asks = asks
    }

    /// Nothing of the account has changed since it was read.
    var holds: Bool { changes.stands(account, since: mark) }

    /// As it is now; nil when the caller may not pass any more.
    func renewed() async -> Standing? {
        let mark = changes.current
        switch await asks() {
        case false?: return nil
        case nil: return self
        case true?:
            var renewed = self
            renewed.mark = mark
            return renewed
        }
    }
}
