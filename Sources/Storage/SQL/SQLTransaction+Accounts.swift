import Identity

extension SQLTransaction {
    private static let columns = """
        id, realm, serial, email, pending_email, username, phone, password_hash, role, status, plan, usage_count, usage_limit, attributes, \
        confirmed_at, sign_in_count, first_sign_in_at, last_sign_in_at, sessions_ended_at, created_at, updated_at, version
        """

    func account(id: AccountID, realm: String) throws -> Account? {
        try row("SELECT \(Self.columns) FROM accounts WHERE id = ?1 AND realm = ?2", id, realm).map(Self.account)
    }

    func account(serial: Int64, realm: String) throws -> Account? {
        try row("SELECT \(Self.columns) FROM accounts WHERE realm = ?1 AND serial = ?2", realm, serial).map(Self.account)
    }

    func account(_ kind: IdentifierKind, key: IdentifierKey, realm: String) throws -> Account? {
        let column =
            switch kind {
            case .email: "email_key"
            case .username: "username_key"
            case .phone: "phone_key"
            }
        return try row("SELECT \(Self.columns) FROM accounts WHERE realm = ?1 AND \(column) = ?2", realm, key).map(Self.account)
    }

    func accounts(pendingEmail: IdentifierKey, realm: String) throws -> [Account] {
        try rows(
            "SELECT \(Self.columns) FROM accounts WHERE realm = ?1 AND pending_key = ?2 ORDER BY serial LIMIT 2", realm, pendingEmail
        ).map(Self.account)
    }

    func accounts(realm: String, after: Int64, limit: Int, search: String?) throws -> [Account] {
        let start = IdentifierKey(search ?? "").text
        guard !start.isEmpty else {
            return try rows(
                "SELECT \(Self.columns) FROM accounts WHERE realm = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3", realm, after,
                max(0, limit)
            ).map(Self.account)
        }
        return try rows(
            """
            SELECT \(Self.columns) FROM accounts WHERE realm = ?1 AND serial > ?2 AND id IN (
                SELECT id FROM accounts WHERE realm = ?1 AND email_key >= ?3 AND email_key < ?4
                UNION SELECT id FROM accounts WHERE realm = ?1 AND username_key >= ?3 AND username_key < ?4
            ) ORDER BY serial LIMIT ?5
            """, realm, after, start, Self.end(ofThoseStartingWith: start), max(0, limit)
        ).map(Self.account)
    }

    func accountCount(realm: String) throws -> Int64 {
        guard var row = try row("SELECT count(*) FROM accounts WHERE realm = ?1", realm) else { return 0 }
        return try row.integer()
    }

    func insert(_ account: Account) throws -> Account {
        try StoredText.check(account)
        try refuseTaken(account)
        var stored = account
        stored.version = 1
        if account.serial > 0 {
            try execute(
                """
                INSERT INTO serials (realm, last) VALUES (?1, ?2) ON CONFLICT (realm)
                DO UPDATE SET last = CASE WHEN serials.last < excluded.last THEN excluded.last ELSE serials.last END
                """, account.realm, account.serial)
        } else {
            stored.serial = try nextSerial(realm: account.realm)
        }
        let written = try execute(
            """
            INSERT INTO accounts (\(Self.columns), email_key, pending_key, username_key, phone_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
            ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT DO NOTHING
            """, stored.id, stored.realm, stored.serial, stored.email, stored.pendingEmail, stored.username, stored.phone,
            stored.passwordHash, stored.role, stored.status.rawValue, stored.plan, stored.usageCount, stored.usageLimit,
            AttributeText.write(stored.attributes), stored.confirmedAt, stored.signInCount, stored.firstSignInAt, stored.lastSignInAt,
            stored.sessionsEndedAt, stored.createdAt, stored.updatedAt, stored.version, IdentifierKey(stored.email),
            stored.pendingEmail.map(IdentifierKey.init), stored.username.map(IdentifierKey.init), stored.phone.map(IdentifierKey.init))
        guard written == 1 else {
            // Where writers do not queue, somebody may have come between the question and the statement.
            try refuseTaken(account)
            throw StoreError.damaged("the account's id or serial is taken")
        }
        return stored
    }

    func update(_ account: Account) throws -> Account {
        try StoredText.check(account)
        let email = IdentifierKey(account.email)
        let username = account.username.map(IdentifierKey.init)
        let phone = account.phone.map(IdentifierKey.init)
        let found = try row(
            "SELECT email_key, username_key, phone_key FROM accounts WHERE id = ?1 AND realm = ?2 AND version = ?3", account.id,
            account.realm, account.version)
        guard var old = found else { throw StoreError.conflict }
        let keys = [try old.textIfPresent(), try old.textIfPresent(), try old.textIfPresent()]
        if keys.map({ $0.map(IdentifierKey.init) }) != [email, username, phone] { try refuseTaken(account) }
        let written = try row(
            """
            UPDATE accounts SET email = ?4, pending_email = ?5, username = ?6, phone = ?7, password_hash = ?8, role = ?9, status = ?10, \
            plan = ?11, usage_count = ?12, usage_limit = ?13, attributes = ?14, confirmed_at = ?15, sign_in_count = ?16, \
            first_sign_in_at = ?17, last_sign_in_at = ?18, sessions_ended_at = ?19, updated_at = ?20, email_key = ?21, pending_key = ?22, \
            username_key = ?23, phone_key = ?24, version = version + 1 WHERE id = ?1 AND realm = ?2 AND version = ?3 \
            RETURNING serial, created_at, version
            """, account.id, account.realm, account.version, account.email, account.pendingEmail, account.username, account.phone,
            account.passwordHash, account.role, account.status.rawValue, account.plan, account.usageCount, account.usageLimit,
            AttributeText.write(account.attributes), account.confirmedAt, account.signInCount, account.firstSignInAt,
            account.lastSignInAt, account.sessionsEndedAt, account.updatedAt, email, account.pendingEmail.map(IdentifierKey.init), username,
            phone)
        guard var kept = written else { throw StoreError.conflict }
        var stored = account
        stored.serial = try kept.integer()
        stored.createdAt = try kept.instant()
        stored.version = try kept.integer()
        return stored
    }

    func erase(_ account: AccountID) throws {
        try execute("DELETE FROM accounts WHERE id = ?1", account)
    }

    func nextSerial(realm: String) throws -> Int64 {
        let taken = try row(
            """
            INSERT INTO serials (realm, last) VALUES (?1, 1) ON CONFLICT (realm)
            DO UPDATE SET last = serials.last + 1 RETURNING last
            """, realm)
        guard var taken else { throw StoreError.damaged("no serial was given") }
        return try taken.integer()
    }

    /// Each identifier by its own index; a single `OR` tempts planners to read the whole realm.
    private func refuseTaken(_ account: Account) throws {
        let taken = try rows(
            """
            SELECT 0 FROM accounts WHERE realm = ?1 AND email_key = ?2 AND id <> ?5
            UNION ALL SELECT 1 FROM accounts WHERE realm = ?1 AND username_key = ?3 AND id <> ?5
            UNION ALL SELECT 2 FROM accounts WHERE realm = ?1 AND phone_key = ?4 AND id <> ?5
            """, account.realm, IdentifierKey(account.email), account.username.map(IdentifierKey.init),
            account.phone.map(IdentifierKey.init), account.id
        ).map { row in
            var row = row
            return try row.integer()
        }
        guard let first = taken.min() else { return }
        throw StoreError.taken(first == 0 ? .email : first == 1 ? .username : .phone)
    }

    /// The least text above all that start so: bytes of UTF-8 sort as their scalars do.
    private static func end(ofThoseStartingWith start: String) -> String {
        var scalars = Array(start.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard let scalar = Unicode.Scalar(next) else { continue }
            var end = String.UnicodeScalarView()
            end.append(contentsOf: scalars)
            end.append(scalar)
            return String(end)
        }
        return start + "\u{10FFFF}"
    }

    private static func account(_ row: SQLRow) throws -> Account {
        var row = row
        var account = Account(
            id: try row.accountID(), realm: try row.text(), serial: try row.integer(), email: try row.text(), role: "",
            createdAt: Instant(microseconds: 0))
        account.pendingEmail = try row.textIfPresent()
        account.username = try row.textIfPresent()
        account.phone = try row.textIfPresent()
        account.passwordHash = try row.textIfPresent()
        account.role = try row.text()
        account.status = try row.name()
        account.plan = try row.text()
        account.usageCount = try row.integer()
        account.usageLimit = try row.integer()
        account.attributes = try AttributeText.read(try row.text())
        account.confirmedAt = try row.instantIfPresent()
        account.signInCount = try row.integer()
        account.firstSignInAt = try row.instantIfPresent()
        account.lastSignInAt = try row.instantIfPresent()
        account.sessionsEndedAt = try row.instantIfPresent()
        account.createdAt = try row.instant()
        account.updatedAt = try row.instant()
        account.version = try row.integer()
        return account
    }
}
