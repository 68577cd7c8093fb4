/// The rows of a `MemoryStore` and the indexes by which they are found; guarded by the store's lock.
final class MemoryTables {
    struct Name: Hashable, Sendable {
        var realm: String
        var kind: IdentifierKind
        var key: IdentifierKey
    }
    struct Place: Hashable, Sendable {
        var realm: String
        var serial: Int64
    }
    struct Pending: Hashable, Sendable {
        var realm: String
        var key: IdentifierKey
    }
    struct IssueSecond: Hashable, Sendable {
        var account: AccountID
        var purpose: TokenPurpose
        var second: Int64
    }
    struct Duty: Hashable, Sendable {
        var account: AccountID
        var purpose: SecretPurpose
    }
    struct Mark: Hashable, Sendable {
        var digest: Digest
        var purpose: SecretPurpose
    }
    struct KeyPlace: Hashable, Sendable {
        var name: SealedKey.Name
        var number: Int64
    }

    var accounts = JournaledTable<AccountID, Account>()
    var names = JournaledTable<Name, AccountID>()
    var places = JournaledTable<Place, AccountID>()
    var pending = JournaledTable<Pending, Set<AccountID>>()
    var lastSerials = JournaledTable<String, Int64>()

    var sessions = JournaledTable<SessionID, Session>()
    var tokens = JournaledTable<Digest, TokenRecord>()
    var issued = JournaledTable<IssueSecond, Int>()
    var apiKeys = JournaledTable<AccountID, APIKeyRecord>()
    var apiKeyOwners = JournaledTable<Digest, AccountID>()

    var secrets = JournaledTable<SecretID, Secret>()
    var living = JournaledTable<Duty, SecretID>()
    var marks = JournaledTable<Mark, Set<SecretID>>()

    /// By the bytes of the bucket's name, as `String` takes canonically equivalent names for one.
    var counters = JournaledTable<[UInt8], Counter>()
    var outbox = JournaledTable<String, OutboxEntry>()
    var keys = JournaledTable<KeyPlace, SealedKey>()

    func commit() {
        accounts.commit()
        names.commit()
        places.commit()
        pending.commit()
        lastSerials.commit()
        sessions.commit()
        tokens.commit()
        issued.commit()
        apiKeys.commit()
        apiKeyOwners.commit()
        secrets.commit()
        living.commit()
        marks.commit()
        counters.commit()
        outbox.commit()
        keys.commit()
    }

    func rollback() {
        accounts.rollback()
        names.rollback()
        places.rollback()
        pending.rollback()
        lastSerials.rollback()
        sessions.rollback()
        tokens.rollback()
        issued.rollback()
        apiKeys.rollback()
        apiKeyOwners.rollback()
        secrets.rollback()
        living.rollback()
        marks.rollback()
        counters.rollback()
        outbox.rollback()
        keys.rollback()
    }

    func requireAccount(_ id: AccountID) throws {
        guard accounts[id] != nil else { throw StoreError.damaged("the row's account is not there") }
    }
}

extension MemoryTables: StoreWriting {}
