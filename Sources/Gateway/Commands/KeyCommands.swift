import DialectEngine
import Identity

/// `dragoman keys`: which keys sign and verify, and a new one in place of the old.
///
/// Never shows a secret.
package enum KeyCommands {
    /// How long the public half of an internal token's key stays in the key set: tokens live for a minute, key sets are kept for five, and
    /// somebody has still to tell the server.
    static let internalOverlap: Duration = .seconds(600)

    package static func show(_ deployment: Deployment) throws -> CommandOutput {
        let now = SystemClock.now()
        let cabinet = KeyCabinet(folder: deployment.plan.configuration.keysFolder)
        var table = TextTable()
        table.add("FRONTEND", "FOR", "ALGORITHM", "KEY", "ORIGIN", "UNTIL")
        var values: [Value] = []
        func add(_ keys: FrontendKeys, _ name: KeyName) {
            let all = [(keys.current.verification, Instant?.none)] + keys.older.map { ($0.key, Optional($0.until)) }
            let origin = keys.isGenerated ? "generated" : "configured"
            for (key, until) in all {
                let id = Base64URL.encode(key.id.bytes)
                table.add(
                    name.frontend, name.use.rawValue, name.algorithm.rawValue, String(id.prefix(16)), origin,
                    until.map { "verifies until \($0.iso8601)" } ?? "signs")
                values.append(
                    .object([
                        .init("frontend", .string(name.frontend)), .init("for", .string(name.use.rawValue)),
                        .init("algorithm", .string(name.algorithm.rawValue)), .init("key", .string(id)), .init("origin", .string(origin)),
                        .init("until", until.map { .string($0.iso8601) } ?? .null), .init("jwk", key.jwk() ?? .null),
                    ]))
            }
        }
        for frontend in deployment.plan.frontends {
            for name in frontend.sendsInternalTokens ? [KeyName.tokens(frontend), .upstreams(frontend)] : [.tokens(frontend)] {
                let isGiven = name.use == .tokens && frontend.configuration.keys.access != nil
                guard try isGiven || cabinet.find(name) != nil else {
                    table.add(name.frontend, name.use.rawValue, name.algorithm.rawValue, "-", "made at the first start", "")
                    continue
                }
                switch name.use {
                case .tokens: add(try FrontendKeys.open(frontend, cabinet, now: now, makingWith: nil), name)
                case .upstreams:
                    if let keys = try FrontendKeys.openInternal(frontend, cabinet, now: now, makingWith: nil) { add(keys, name) }
                }
            }
        }
        return CommandOutput(text: table.text, value: .list(values))
    }

    /// Makes a new key; the old one verifies for as long as its last token may live.
    ///
    /// `isInternal`: the key of internal tokens, instead of the one that signs what clients are given.
    package static func rotate(_ deployment: Deployment, frontend name: String, isInternal: Bool = false) throws -> CommandOutput {
        let frontend = try deployment.frontend(name)
        let key = isInternal ? KeyName.upstreams(frontend) : .tokens(frontend)
        guard isInternal || frontend.configuration.keys.access == nil else {
            throw AssemblyFault("the key of `\(name)` comes from the configuration: change it there")
        }
        guard !isInternal || frontend.sendsInternalTokens else {
            throw AssemblyFault("no upstream of `\(name)` has `internal-token: true`")
        }
        let cabinet = KeyCabinet(folder: deployment.plan.configuration.keysFolder)
        guard try cabinet.find(key) != nil else {
            throw AssemblyFault("`\(name)` has no key yet: the first start makes one")
        }
        let until = SystemClock.now() + overlap(of: key, frontend)
        do {
            try cabinet.rotate(key, rsaBits: frontend.configuration.keys.rsaBits, until: until, random: SystemClock.random)
        } catch let fault as PrivateFile.Fault {
            throw AssemblyFault("the keys under \(cabinet.folder): \(fault.reason)")
        }
        return CommandOutput(
            text: "a new key signs for `\(name)` from the next reload on (SIGHUP); the old one verifies until \(until.iso8601)\n",
            value: .object([.init("frontend", .string(name)), .init("until", .string(until.iso8601))]))
    }

    private static func overlap(of key: KeyName, _ frontend: PlannedFrontend) -> Duration {
        guard key.use == .tokens else { return internalOverlap }
        return max(frontend.dialect.access.lifetime, frontend.dialect.refresh?.lifetime ?? .zero) + .seconds(60)
    }
}
