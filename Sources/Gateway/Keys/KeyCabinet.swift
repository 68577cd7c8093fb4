package import Identity

/// The generated keys of frontends, kept as files (0600) under the state folder: `NAME.secret` or `NAME.pem` signs, `NAME.UNTIL.secret`
/// verifies until that second.
package struct KeyCabinet: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// The current key's text, and older ones with the moment until which they count; nil when none was generated yet.
    ///
    /// - Throws: `AssemblyFault` for a key that every user of the machine can read.
    package func find(_ frontend: String, _ algorithm: SigningAlgorithm) throws -> (
        current: [UInt8], older: [(bytes: [UInt8], until: Instant)]
    )? {
        let current = path(frontend, algorithm)
        guard PrivateFile.exists(current) else { return nil }
        var older: [(bytes: [UInt8], until: Instant)] = []
        for name in PrivateFile.names(in: folder) {
            guard let until = Self.end(in: name, of: frontend, algorithm) else { continue }
            older.append((try Self.read("\(folder)/\(name)"), until))
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
    package func generate(_ frontend: String, _ algorithm: SigningAlgorithm, rsaBits: Int, random: (Int) -> [UInt8]) throws {
        try PrivateFile.makeFolder(folder)
        _ = try PrivateFile.create(path(frontend, algorithm), Self.fresh(algorithm, rsaBits: rsaBits, random: random))
    }

    /// Makes a new key; the one before still verifies until `until`.
    package func rotate(_ frontend: String, _ algorithm: SigningAlgorithm, rsaBits: Int, until: Instant, random: (Int) -> [UInt8]) throws {
        let current = path(frontend, algorithm)
        let fresh = try Self.fresh(algorithm, rsaBits: rsaBits, random: random)
        let older = "\(folder)/\(frontend).\(until.seconds).\(Self.ending(algorithm))"
        // Written first and then replaced: at no moment is there no current key.
        try PrivateFile.replace(older, try PrivateFile.read(current))
        try PrivateFile.replace(current, fresh)
    }

    private func path(_ frontend: String, _ algorithm: SigningAlgorithm) -> String { "\(folder)/\(frontend).\(Self.ending(algorithm))" }

    private static func ending(_ algorithm: SigningAlgorithm) -> String { algorithm == .hs256 ? "secret" : "pem" }

    private static func end(in name: String, of frontend: String, _ algorithm: SigningAlgorithm) -> Instant? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == frontend, parts[2] == ending(algorithm), let seconds = Int64(parts[1]) else { return nil }
        return Instant(seconds: seconds)
    }

    private static func fresh(_ algorithm: SigningAlgorithm, rsaBits: Int, random: (Int) -> [UInt8]) throws -> [UInt8] {
        if algorithm == .hs256 {
            let digits = Array("0123456789abcdef".utf8)
            return random(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        }
        return Array(try SigningKey.generateRSA(bits: rsaBits).utf8)
    }
}
