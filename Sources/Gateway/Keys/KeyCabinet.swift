package import Identity

/// The generated keys of frontends, kept as files (0600) under the state folder: `NAME.secret` or `NAME.pem` signs, `NAME.UNTIL.secret`
/// verifies until that second; `NAME.internal.pem` and `NAME.internal.UNTIL.pem` are those of internal tokens.
package struct KeyCabinet: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// The current key's text, and older ones with the moment until which they count; nil when none was generated yet.
    ///
    /// - Throws: `AssemblyFault` for a key that every user of the machine can read.
    package func find(_ name: KeyName) throws -> (current: [UInt8], older: [(bytes: [UInt8], until: Instant)])? {
        let current = path(name.file)
        guard PrivateFile.exists(current) else { return nil }
        var older: [(bytes: [UInt8], until: Instant)] = []
        for file in PrivateFile.names(in: folder) {
            guard let until = name.end(of: file) else { continue }
            older.append((try Self.read(path(file)), until))
        }
        return (try Self.read(current), older)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard try !PrivateFile.isReadableByAll(path) else {
            throw AssemblyFault("the key \(path) can be read by every user of this machine: make a new one, or `chmod 600` it")
        }
        return try PrivateFile.read(path)
    }

    /// Makes the first key; one that somebody else made meanwhile is kept.
    package func generate(_ name: KeyName, rsaBits: Int, random: (Int) -> [UInt8]) throws {
        try PrivateFile.makeFolder(folder)
        _ = try PrivateFile.create(path(name.file), Self.fresh(name.algorithm, rsaBits: rsaBits, random: random))
    }

    /// Makes a new key; the one before still verifies until `until`.
    package func rotate(_ name: KeyName, rsaBits: Int, until: Instant, random: (Int) -> [UInt8]) throws {
        let fresh = try Self.fresh(name.algorithm, rsaBits: rsaBits, random: random)
        // Written first and then replaced: at no moment is there no current key.
        try PrivateFile.replace(path(name.file(until: until)), try PrivateFile.read(path(name.file)))
        try PrivateFile.replace(path(name.file), fresh)
    }

    private func path(_ file: String) -> String { "\(folder)/\(file)" }

    private static func fresh(_ algorithm: SigningAlgorithm, rsaBits: Int, random: (Int) -> [UInt8]) throws -> [UInt8] {
        switch algorithm {
        case .hs256:
            let digits = Array("0123456789abcdef".utf8)
            return random(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        case .rs256: return Array(try SigningKey.generateRSA(bits: rsaBits).utf8)
        case .edDSA: return Array(try SigningKey.edDSAPEM(seed: random(32)).utf8)
        }
    }
}
