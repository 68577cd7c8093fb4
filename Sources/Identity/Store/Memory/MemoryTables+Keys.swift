extension MemoryTables {
    func sealedKeys() throws -> [SealedKey] { keys.rows.values.sorted { $0.number < $1.number } }

    func insert(_ key: SealedKey) throws -> Bool {
        try StoredText.check(key.name.realm, key.name.frontend, key.name.purpose, key.name.algorithm)
        let place = KeyPlace(name: key.name, number: key.number)
        guard keys[place] == nil else { return false }
        keys[place] = key
        return true
    }

    func endKeys(of name: SealedKey.Name, below number: Int64, at end: Instant) throws {
        let places = keys.rows.keys.filter { $0.name == name && $0.number < number }
        for place in places {
            guard var key = keys[place] else { continue }
            key.endsAt = min(key.endsAt ?? end, end)
            keys[place] = key
        }
    }
}
