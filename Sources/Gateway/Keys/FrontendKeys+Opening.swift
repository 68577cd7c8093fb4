package import Identity

extension FrontendKeys {
    /// The keys that the configuration gives, or those that were generated before; without any, the first is made, if `makingWith` allows it.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    package static func open(
        _ frontend: PlannedFrontend, _ cabinet: KeyCabinet, now: Instant, makingWith random: ((Int) -> [UInt8])?
    ) throws -> FrontendKeys {
        let (name, algorithm) = (frontend.configuration.name, frontend.algorithm)
        do {
            if let given = frontend.configuration.keys.access {
                return try FrontendKeys(current: read(Array(given.text.utf8), algorithm), isGenerated: false)
            }
            if try cabinet.find(name, algorithm) == nil, let random {
                try cabinet.generate(name, algorithm, rsaBits: frontend.configuration.keys.rsaBits, random: random)
            }
            guard let found = try cabinet.find(name, algorithm) else {
                throw AssemblyFault("`\(name)` has no key yet: the first start makes one")
            }
            let older = try found.older.filter { $0.until > now }.map { (key: try read($0.bytes, algorithm).verification, until: $0.until) }
            return try FrontendKeys(current: read(found.current, algorithm), older: older, isGenerated: true)
        } catch let fault as KeyFault {
            throw AssemblyFault("the keys of `\(name)`: \(words(for: fault, algorithm))")
        } catch let fault as PrivateFile.Fault {
            throw AssemblyFault("the keys of `\(name)` under \(cabinet.folder): \(fault.reason)")
        }
    }
}
