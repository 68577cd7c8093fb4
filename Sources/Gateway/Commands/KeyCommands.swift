import DialectEngine
import Identity

/// `dragoman keys`: which keys sign and verify, and a new one in place of the old.
///
/// Never shows a secret.
package enum KeyCommands {
    package static func show(_ deployment: Deployment) throws -> CommandOutput {
        let now = SystemClock.now()
        let cabinet = KeyCabinet(folder: deployment.plan.configuration.keysFolder)
        var table = TextTable()
        table.add("FRONTEND", "ALGORITHM", "KEY", "ORIGIN", "UNTIL")
        var values: [Value] = []
        for frontend in deployment.plan.frontends {
            let name = frontend.configuration.name
            if frontend.configuration.keys.access == nil, try cabinet.find(name, frontend.algorithm) == nil {
                table.add(name, frontend.algorithm.rawValue, "-", "made at the first start", "")
                continue
            }
            let keys = try FrontendKeys.open(frontend, cabinet, now: now, makingWith: nil)
            let origin = keys.isGenerated ? "generated" : "configured"
            let all = [(keys.current.verification, Instant?.none)] + keys.older.map { ($0.key, Optional($0.until)) }
            for (key, until) in all {
                let id = Base64URL.encode(key.id.bytes)
                table.add(
                    name, frontend.algorithm.rawValue, String(id.prefix(16)), origin,
                    until.map { "verifies until \($0.iso8601)" } ?? "signs")
                values.append(
                    .object([
                        .init("frontend", .string(name)), .init("algorithm", .string(frontend.algorithm.rawValue)),
                        .init("key", .string(id)),
                        .init("origin", .string(origin)), .init("until", until.map { .string($0.iso8601) } ?? .null),
                        .init("jwk", key.jwk() ?? .null),
                    ]))
            }
        }
        return CommandOutput(text: table.text, value: .list(values))
    }

    /// Makes a new key; the old one verifies for as long as its last token may live or be renewed.
    package static func rotate(_ deployment: Deployment, frontend name: String) throws -> CommandOutput {
        let frontend = try deployment.frontend(name)
        guard frontend.configuration.keys.access == nil else {
            throw AssemblyFault("the key of `\(name)` comes from the configuration: change it there")
        }
        let cabinet = KeyCabinet(folder: deployment.plan.configuration.keysFolder)
        let now = SystemClock.now()
        guard try cabinet.find(name, frontend.algorithm) != nil else {
            throw AssemblyFault("`\(name)` has no key yet: the first start makes one")
        }
        let dialect = frontend.dialect
        let life = Frontend.longestTokenLife(
            access: dialect.access.lifetime, refresh: dialect.refresh?.lifetime, renewal: dialect.policy.renewal)
        let until = now + life + .seconds(60)
        do {
            try cabinet.rotate(
                name, frontend.algorithm, rsaBits: frontend.configuration.keys.rsaBits, until: until, random: SystemClock.random)
        } catch let fault as PrivateFile.Fault {
            throw AssemblyFault("the keys under \(cabinet.folder): \(fault.reason)")
        }
        return CommandOutput(
            text: "a new key signs for `\(name)` from the next reload on (SIGHUP); the old one verifies until \(until.iso8601)\n",
            value: .object([.init("frontend", .string(name)), .init("until", .string(until.iso8601))]))
    }
}
