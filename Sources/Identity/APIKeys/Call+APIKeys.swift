/// An API key in plain, to be shown once.
struct FreshAPIKey: Sendable {
    let plain: String

    var digest: Digest { .sha256(plain) }
}

extension Call {
    func freshAPIKey() throws -> FreshAPIKey {
        guard let shape = frontend.apiKeyForm else { throw MissingPart.apiKeyForm }
        return FreshAPIKey(plain: shape.prefix + draw.hex(shape.hexDigits))
    }

    func put(_ key: FreshAPIKey, of account: Account, in store: any StoreWriting) throws {
        try store.put(APIKeyRecord(digest: key.digest, realm: realm, account: account.id, createdAt: now))
    }
}

/// A policy asks for what the frontend was not given; the loading of dialects prevents it.
enum MissingPart: Error, Sendable {
    case apiKeyForm
}
