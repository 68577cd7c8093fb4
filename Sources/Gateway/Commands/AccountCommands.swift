import DialectEngine
import Identity

/// `dragoman account`: an operator's hands on a realm's accounts.
package enum AccountCommands {
    package static func create(
        _ deployment: Deployment, frontend: String?, slots: [String: String], password: SecretText?, isConfirmed: Bool
    ) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, frontend in
            let kinds = Dictionary(frontend.dialect.policy.attributes.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
            var values: [String: Value] = [:]
            for (name, text) in slots { values[name] = value(text, kinds[name]) }
            let account = try await book.create(AccountDraft(slots: values, password: password, isConfirmed: isConfirmed))
            return shown(account, book, before: "created\n")
        }
    }

    package static func list(
        _ deployment: Deployment, frontend: String?, after: Int64, limit: Int, search: String?
    ) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in
            let accounts = try await book.list(after: after, limit: limit, search: search)
            var table = TextTable()
            table.add("SERIAL", "EMAIL", "USERNAME", "ROLE", "STATUS", "CONFIRMED", "CREATED")
            for account in accounts {
                table.add(
                    String(account.serial), account.email, account.username ?? "-", account.role, account.status.rawValue,
                    account.confirmedAt == nil ? "no" : "yes", account.createdAt.iso8601)
            }
            var text = accounts.isEmpty ? "no accounts\n" : table.text
            if accounts.count == limit, let last = accounts.last { text += "more: --after \(last.serial)\n" }
            return CommandOutput(text: text, value: .list(accounts.map { value(of: $0, book) }))
        }
    }

    package static func show(_ deployment: Deployment, frontend: String?, name: String) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in shown(try await book.find(name), book) }
    }

    package static func suspend(_ deployment: Deployment, frontend: String?, name: String) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in
            shown(try await book.suspend(try await book.find(name)), book, before: "suspended; its sessions are over\n")
        }
    }

    package static func resume(_ deployment: Deployment, frontend: String?, name: String) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in
            shown(try await book.resume(try await book.find(name)), book, before: "active again\n")
        }
    }

    package static func setRole(_ deployment: Deployment, frontend: String?, name: String, role: String) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in
            shown(try await book.setRole(role, of: try await book.find(name)), book, before: "role changed\n")
        }
    }

    package static func delete(_ deployment: Deployment, frontend: String?, name: String) async throws -> CommandOutput {
        try await deployment.withAccounts(frontend) { book, _ in
            let account = try await book.find(name)
            try await book.delete(account)
            return CommandOutput(
                text: "deleted \(TerminalText.escaped(account.email))\n",
                value: .object([.init("deleted", .string(account.id.description))]))
        }
    }

    // MARK: Showing

    private static func shown(_ account: Account, _ book: AccountBook, before: String = "") -> CommandOutput {
        let value = value(of: account, book)
        var table = TextTable(indent: before.isEmpty ? "" : "  ")
        if case .object(let members) = value {
            for member in members where !member.value.isNull { table.add(member.name, words(member.value)) }
        }
        return CommandOutput(text: before + table.text, value: value)
    }

    private static func value(of account: Account, _ book: AccountBook) -> Value {
        let policy = book.policy
        var members: [Value.Member] = [
            .init("id", policy.idCodec.encode(account)), .init("uuid", .string(account.id.description)),
            .init("serial", .int(account.serial)),
            .init("realm", .string(account.realm)), .init("email", .string(account.email)),
            .init("pending_email", account.pendingEmail.map(Value.string) ?? .null),
            .init("username", account.username.map(Value.string) ?? .null), .init("phone", account.phone.map(Value.string) ?? .null),
            .init("role", .string(account.role)), .init("status", .string(account.status.rawValue)),
            .init("has_password", .bool(account.passwordHash != nil)), .init("confirmed_at", moment(account.confirmedAt)),
            .init("sign_in_count", .int(account.signInCount)), .init("last_sign_in_at", moment(account.lastSignInAt)),
            .init("created_at", moment(account.createdAt)), .init("updated_at", moment(account.updatedAt)),
        ]
        if policy.plans != nil {
            members += [
                .init("plan", .string(account.plan)), .init("usage_count", .int(account.usageCount)),
                .init("usage_limit", .int(account.usageLimit)),
            ]
        }
        for attribute in policy.attributes {
            members.append(.init(attribute.name, account.attributes[attribute.name] ?? .null))
        }
        return .object(members)
    }

    private static func moment(_ moment: Instant?) -> Value { moment.map { .string($0.iso8601) } ?? .null }

    private static func words(_ value: Value) -> String {
        switch value {
        case .string(let text): text
        case .int(let int): String(int)
        case .bool(let bool): bool ? "yes" : "no"
        default: String(decoding: JSONWriter.document(value), as: UTF8.self)
        }
    }

    /// A command line has only texts; an attribute's type says what was meant.
    private static func value(_ text: String, _ kind: Attribute.Kind?) -> Value {
        switch kind {
        case .int: Int64(text).map(Value.int) ?? .string(text)
        case .bool: Scalars.bool(text).map(Value.bool) ?? .string(text)
        default: .string(text)
        }
    }
}
