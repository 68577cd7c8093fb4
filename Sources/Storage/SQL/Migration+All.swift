extension Migration {
    /// Append only.
    package static let all: [Migration] = [
        Migration(name: "accounts", statements: accounts),
        Migration(name: "sessions", statements: sessions),
        Migration(name: "secrets", statements: secrets),
        Migration(name: "counters", statements: counters),
        Migration(name: "outbox", statements: outbox),
        Migration(name: "keys", statements: keys),
        Migration(name: "changes", statements: changes),
        Migration(name: "request counts", statements: requestCounts),
    ]

    private static let accounts = [
        """
        CREATE TABLE accounts (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), realm TEXT NOT NULL, serial BIGINT NOT NULL CHECK (serial > 0),
            email TEXT NOT NULL, email_key TEXT NOT NULL, pending_email TEXT, pending_key TEXT,
            username TEXT, username_key TEXT, phone TEXT, phone_key TEXT,
            password_hash TEXT, role TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
            plan TEXT NOT NULL, usage_count BIGINT NOT NULL, usage_limit BIGINT NOT NULL, attributes TEXT NOT NULL,
            confirmed_at BIGINT, sign_in_count BIGINT NOT NULL, first_sign_in_at BIGINT, last_sign_in_at BIGINT, sessions_ended_at BIGINT,
            created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, version BIGINT NOT NULL,
            UNIQUE (realm, email_key), UNIQUE (realm, username_key), UNIQUE (realm, phone_key), UNIQUE (realm, serial)
        )
        """,
        "CREATE INDEX accounts_pending ON accounts (realm, pending_key) WHERE pending_key IS NOT NULL",
        "CREATE TABLE serials (realm TEXT PRIMARY KEY NOT NULL, last BIGINT NOT NULL)",
    ]

    private static let sessions = [
        """
        CREATE TABLE sessions (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), realm TEXT NOT NULL,
            account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT
        )
        """,
        "CREATE INDEX sessions_account ON sessions (account)",
        "CREATE INDEX sessions_expiry ON sessions (expires_at)",
        """
        CREATE TABLE tokens (
            digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32), purpose TEXT NOT NULL CHECK (purpose IN ('access', 'refresh')),
            session BLOB REFERENCES sessions (id) ON DELETE CASCADE, account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            issued_at BIGINT NOT NULL, issued_second BIGINT NOT NULL, expires_at BIGINT NOT NULL,
            is_distinct BIGINT NOT NULL CHECK (is_distinct IN (0, 1)), used_at BIGINT, ended_at BIGINT
        )
        """,
        "CREATE INDEX tokens_issued ON tokens (account, purpose, issued_second)",
        "CREATE UNIQUE INDEX tokens_distinct ON tokens (account, purpose, issued_second) WHERE is_distinct = 1",
        "CREATE INDEX tokens_session ON tokens (session)",
        "CREATE INDEX tokens_expiry ON tokens (expires_at)",
        """
        CREATE TABLE api_keys (
            account BLOB PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), realm TEXT NOT NULL, created_at BIGINT NOT NULL
        )
        """,
    ]

    private static let secrets = [
        """
        CREATE TABLE secrets (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), realm TEXT NOT NULL,
            account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, purpose TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32), address TEXT NOT NULL,
            created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, tries BIGINT NOT NULL, used_at BIGINT, voided_at BIGINT
        )
        """,
        "CREATE UNIQUE INDEX secrets_living ON secrets (account, purpose) WHERE used_at IS NULL AND voided_at IS NULL",
        "CREATE INDEX secrets_account ON secrets (account)",
        "CREATE INDEX secrets_digest ON secrets (digest, purpose)",
        "CREATE INDEX secrets_expiry ON secrets (expires_at)",
    ]

    private static let counters = [
        """
        CREATE TABLE counters (
            bucket TEXT PRIMARY KEY NOT NULL, hits BIGINT NOT NULL, started_at BIGINT NOT NULL, ends_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX counters_end ON counters (ends_at)",
    ]

    private static let outbox = [
        """
        CREATE TABLE outbox (
            id TEXT PRIMARY KEY NOT NULL, realm TEXT NOT NULL, notice TEXT NOT NULL, recipient TEXT NOT NULL, payload BLOB,
            created_at BIGINT NOT NULL, expires_at BIGINT, not_before BIGINT NOT NULL, attempts BIGINT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')), reason TEXT
        )
        """,
        "CREATE INDEX outbox_due ON outbox (not_before, created_at, id) WHERE state = 'waiting'",
        "CREATE INDEX outbox_settled ON outbox (state, not_before)",
        "CREATE INDEX outbox_listed ON outbox (created_at, id)",
    ]

    private static let keys = [
        """
        CREATE TABLE keys (
            realm TEXT NOT NULL, frontend TEXT NOT NULL, purpose TEXT NOT NULL, algorithm TEXT NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0), sealed BLOB NOT NULL,
            created_at BIGINT NOT NULL, signs_from BIGINT NOT NULL, ends_at BIGINT,
            PRIMARY KEY (realm, frontend, purpose, algorithm, number)
        )
        """
    ]

    /// Whose standing which transaction changed: written where instances share the database, pruned when all have read it.
    private static let changes = [
        "CREATE TABLE changes (txid BIGINT NOT NULL, account BLOB NOT NULL, made_at BIGINT NOT NULL, PRIMARY KEY (txid, account))",
        "CREATE INDEX changes_made ON changes (made_at)",
    ]

    /// How many requests callers made on all instances, and which transaction said so last: written where they share the database.
    private static let requestCounts = [
        """
        CREATE TABLE request_counts (
            frontend TEXT NOT NULL, name TEXT NOT NULL, caller TEXT NOT NULL, hits BIGINT NOT NULL,
            started_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, txid BIGINT NOT NULL, PRIMARY KEY (frontend, name, caller)
        )
        """,
        "CREATE INDEX request_counts_txid ON request_counts (txid)",
        "CREATE INDEX request_counts_end ON request_counts (ends_at)",
    ]
}
