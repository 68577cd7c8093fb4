import Identity

/// The contract's methods as statements on one connection; its extensions hold one kind of row each.
struct SQLTransaction: StoreWriting {
    let connection: any SQLConnection
    /// Other instances write to it, too.
    var isShared = false

    func rows(_ sql: String, _ values: any SQLBindable...) throws -> [SQLRow] {
        try connection.query(sql, try Self.checked(values))
    }

    func row(_ sql: String, _ values: any SQLBindable...) throws -> SQLRow? {
        try connection.query(sql, try Self.checked(values)).first
    }

    @discardableResult
    func execute(_ sql: String, _ values: any SQLBindable...) throws -> Int {
        try connection.execute(sql, try Self.checked(values))
    }

    private static func checked(_ values: [any SQLBindable]) throws -> [SQLValue] {
        try values.map { bindable in
            let value = bindable.sqlValue
            if case .text(let text) = value { try StoredText.check(text) }
            return value
        }
    }
}
