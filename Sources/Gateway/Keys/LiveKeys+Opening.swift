import Identity

extension LiveKeys {
    /// The keys that the configuration gives, or those that were generated before; without any, the first is made by `random`.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    static func open(
        _ frontend: PlannedFrontend, _ shelf: any KeyShelf, now: Instant, makingWith random: (Int) -> [UInt8]
    ) async throws -> LiveKeys {
        let name = KeyName.tokens(frontend)
        if let given = try FrontendKeys.given(frontend) { return LiveKeys(given, kept: nil, name, at: now) }
        return try await generated(name, frontend, shelf, now: now, makingWith: random)
    }

    /// The keys of internal tokens; nil where no upstream is sent any.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    static func openInternal(
        _ frontend: PlannedFrontend, _ shelf: any KeyShelf, now: Instant, makingWith random: (Int) -> [UInt8]
    ) async throws -> LiveKeys? {
        guard frontend.sendsInternalTokens else { return nil }
        return try await generated(.upstreams(frontend), frontend, shelf, now: now, makingWith: random)
    }

    private static func generated(
        _ name: KeyName, _ frontend: PlannedFrontend, _ shelf: any KeyShelf, now: Instant, makingWith random: (Int) -> [UInt8]
    ) async throws -> LiveKeys {
        do {
            if let kept = try await shelf.load([name], at: now)[name] {
                return LiveKeys(try FrontendKeys(kept: kept, name), kept: kept, name, at: now)
            }
            let text = try KeptKey.fresh(name.algorithm, rsaBits: frontend.configuration.keys.rsaBits, random: random)
            try await shelf.keepFirst(text, of: name, at: now)
            guard let kept = try await shelf.load([name], at: now)[name] else {
                throw AssemblyFault("the new key of `\(name.frontend)` cannot be found again")
            }
            return LiveKeys(try FrontendKeys(kept: kept, name), kept: kept, name, at: now)
        } catch {
            throw FrontendKeys.worded(error, name)
        }
    }
}

extension FrontendKeys {
    /// The keys that the configuration gives; nil where it leaves that to us.
    ///
    /// - Throws: `AssemblyFault` naming the frontend.
    static func given(_ frontend: PlannedFrontend) throws -> FrontendKeys? {
        let keys = frontend.configuration.keys
        guard let access = keys.access else { return nil }
        do {
            let older = try keys.older.map { try read(Array($0.text.text.utf8), frontend.algorithm) }
            return try FrontendKeys(given: read(Array(access.text.utf8), frontend.algorithm), older: older)
        } catch {
            throw worded(error, .tokens(frontend))
        }
    }

    /// A fault of keys in words for an operator.
    static func worded(_ error: any Error, _ name: KeyName) -> AssemblyFault {
        switch error {
        case let fault as AssemblyFault: fault
        case let fault as KeyFault: AssemblyFault("the keys of `\(name.frontend)`: \(words(for: fault, name.algorithm))")
        case let fault as PrivateFile.Fault: AssemblyFault("the keys of `\(name.frontend)` under the state folder: \(fault.reason)")
        case StoreError.unavailable(let reason), StoreError.damaged(let reason):
            AssemblyFault("the keys of `\(name.frontend)` in the store: \(reason)")
        default: AssemblyFault("the keys of `\(name.frontend)`: \(type(of: error))")
        }
    }
}
