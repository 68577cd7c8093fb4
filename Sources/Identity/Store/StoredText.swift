/// What every store asks of the texts that it keeps or looks for.
package enum StoredText {
    /// Throws `StoreError.damaged` when a text holds U+0000: some databases cut a text there, and one name would pass for another.
    package static func check(_ texts: String?...) throws {
        for case let text? in texts { try check(text: text) }
    }

    /// The same for every string and member name inside a value.
    package static func check(_ value: Value) throws {
        switch value {
        case .null, .bool, .int, .time: return
        case .number(let text), .string(let text): try check(text: text)
        case .list(let elements): for element in elements { try check(element) }
        case .object(let members):
            for member in members {
                try check(text: member.name)
                try check(member.value)
            }
        }
    }

    package static func check(_ account: Account) throws {
        try check(account.realm, account.email, account.pendingEmail, account.username, account.phone)
        try check(account.passwordHash, account.role, account.plan)
        for (name, value) in account.attributes {
            try check(text: name)
            try check(value)
        }
    }

    private static func check(text: String) throws {
        guard !text.utf8.contains(0) else { throw StoreError.damaged("a text holds U+0000") }
    }
}
