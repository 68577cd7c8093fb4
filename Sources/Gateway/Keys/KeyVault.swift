package import Identity

/// Generated keys in a store that several instances share, sealed by the configuration's `store-key`.
///
/// A new key signs a little later than it is stored, when every instance has read it; of two that are made at once the store keeps one.
package struct KeyVault: KeyShelf {
    package static let lead: Duration = .seconds(5)

    private let store: any IdentityStore
    private let seal: KeySeal?
    private let random: @Sendable (Int) -> [UInt8]
    package let lead: Duration

    package init(
        store: any IdentityStore, seal: KeySeal?, random: @escaping @Sendable (Int) -> [UInt8], lead: Duration = KeyVault.lead
    ) {
        self.store = store
        self.seal = seal
        self.random = random
        self.lead = lead
    }

    package var isShared: Bool { true }

    package func load(_ names: [KeyName], at now: Instant) async throws -> [KeyName: [KeptKey]] {
        guard !names.isEmpty else { return [:] }
        let seal = try opened()
        let rows = try await store.read { try $0.sealedKeys() }.filter { $0.endsAt.map { $0 > now } ?? true }
        var found: [KeyName: [KeptKey]] = [:]
        for name in names {
            let keys = try rows.filter { $0.name == name.sealed }.sorted { $0.number > $1.number }.map { row in
                guard let text = seal.open(row.sealed, as: name, number: row.number) else { throw Self.fault(of: name) }
                return KeptKey(text: text, signsFrom: row.signsFrom, until: row.endsAt)
            }
            if !keys.isEmpty { found[name] = keys }
        }
        return found
    }

    package func keepFirst(_ text: [UInt8], of name: KeyName, at now: Instant) async throws {
        // Whoever comes second reads what the first has kept.
        let sealed = try opened().seal(text, as: name, number: 1, random: random)
        let key = SealedKey(name: name.sealed, number: 1, sealed: sealed, createdAt: now, signsFrom: now)
        _ = try await store.write { try $0.insert(key) }
    }

    package func rotate(
        _ name: KeyName, to text: [UInt8], overlap: Duration, isForced: Bool = false, at now: Instant
    ) async throws -> KeyRotation {
        let seal = try opened()
        // With another `store-key` than the instances' they could not read the new key, and would go on with one that may have leaked.
        if !isForced { _ = try await load([name], at: now) }
        let rotation = KeyRotation(at: now, lead: lead, overlap: overlap)
        // Without an overlap no clock may bring the older ones back: neither one that is behind nor one that is set back.
        let hasOverlap = overlap > .zero
        let signsFrom = hasOverlap ? rotation.signsFrom : FrontendKeys.always
        let end = hasOverlap ? rotation.until : FrontendKeys.always
        let last = try await store.read { try $0.sealedKeys() }.filter { $0.name == name.sealed }.map(\.number).max() ?? 0
        let key = SealedKey(
            name: name.sealed, number: last + 1, sealed: try seal.seal(text, as: name, number: last + 1, random: random), createdAt: now,
            signsFrom: signsFrom)
        let isKept = try await store.write { store in
            guard try store.insert(key) else { return false }
            try store.endKeys(of: key.name, below: key.number, at: end)
            return true
        }
        guard isKept else { throw AssemblyFault("somebody else has replaced the key of `\(name.frontend)` at the same moment") }
        return rotation
    }

    /// The store's own pruning takes them away.
    package func sweep(at moment: Instant) {}

    private func opened() throws -> KeySeal {
        guard let seal else { throw AssemblyFault(Self.missing) }
        return seal
    }

    /// What to do about a `store-key` that is not there.
    static let missing =
        "generated keys lie in the store, where every instance has the same, and are sealed there: write `store-key: env:DRAGOMAN_STORE_KEY` "
        + "into the configuration, and give that variable on every instance what `openssl rand -base64 48` has printed once"

    private static func fault(of name: KeyName) -> AssemblyFault {
        AssemblyFault(
            "the key of `\(name.frontend)` in the store cannot be opened: another `store-key` has sealed it, or its row was altered. Use the "
                + "`store-key` of the other instances; if that is lost, `dragoman keys rotate \(name.frontend)"
                + (name.use == .upstreams ? " --internal-token" : "") + " --overlap 0 --force` makes a new key"
                + (name.use == .upstreams ? "" : ", and everybody has to sign in again"))
    }
}

extension KeyName {
    fileprivate var sealed: SealedKey.Name {
        SealedKey.Name(realm: realm, frontend: frontend, purpose: use.rawValue, algorithm: algorithm.rawValue)
    }
}
