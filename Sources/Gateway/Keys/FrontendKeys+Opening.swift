package import Identity

extension FrontendKeys {
    /// The keys that the configuration gives, or those that were generated before; without any, the first is made, if `makingWith` allows it.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    package static func open(
        _ frontend: PlannedFrontend, _ cabinet: KeyCabinet, now: Instant, makingWith random: ((Int) -> [UInt8])?
    ) throws -> FrontendKeys {
        try worded(.tokens(frontend), cabinet) {
            if let given = frontend.configuration.keys.access {
                return try FrontendKeys(current: read(Array(given.text.utf8), frontend.algorithm), isGenerated: false)
            }
            return try generated(.tokens(frontend), frontend, cabinet, now: now, makingWith: random)
        }
    }

    /// The keys of internal tokens; nil where no upstream is sent any.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    package static func openInternal(
        _ frontend: PlannedFrontend, _ cabinet: KeyCabinet, now: Instant, makingWith random: ((Int) -> [UInt8])?
    ) throws -> FrontendKeys? {
        guard frontend.sendsInternalTokens else { return nil }
        return try worded(.upstreams(frontend), cabinet) {
            try generated(.upstreams(frontend), frontend, cabinet, now: now, makingWith: random)
        }
    }

    private static func generated(
        _ name: KeyName, _ frontend: PlannedFrontend, _ cabinet: KeyCabinet, now: Instant, makingWith random: ((Int) -> [UInt8])?
    ) throws -> FrontendKeys {
        if try cabinet.find(name) == nil, let random {
            try cabinet.generate(name, rsaBits: frontend.configuration.keys.rsaBits, random: random)
        }
        guard let found = try cabinet.find(name) else {
            throw AssemblyFault("`\(name.frontend)` has no key yet: the first start makes one")
        }
        let older = try found.older.filter { $0.until > now }.map { (key: try read($0.bytes, name).verification, until: $0.until) }
        return try FrontendKeys(current: read(found.current, name), older: older, isGenerated: true)
    }

    /// A key of internal tokens is named by its thumbprint (RFC 7638), as an upstream chooses by name.
    private static func read(_ bytes: [UInt8], _ name: KeyName) throws(KeyFault) -> SigningKey {
        let key = try read(bytes, name.algorithm)
        guard name.use == .upstreams else { return key }
        return try .edDSA(pem: String(decoding: bytes, as: UTF8.self), kid: Base64URL.encode(key.id.bytes))
    }

    private static func worded(_ name: KeyName, _ cabinet: KeyCabinet, _ open: () throws -> FrontendKeys) throws -> FrontendKeys {
        do {
            return try open()
        } catch let fault as KeyFault {
            throw AssemblyFault("the keys of `\(name.frontend)`: \(words(for: fault, name.algorithm))")
        } catch let fault as PrivateFile.Fault {
            throw AssemblyFault("the keys of `\(name.frontend)` under \(cabinet.folder): \(fault.reason)")
        }
    }
}
