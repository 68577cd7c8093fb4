import DialectEngine
import Identity

/// `dragoman keys`: which keys sign and verify, and a new one in place of the old.
///
/// Never shows a secret.
package enum KeyCommands {
    /// How long the public half of an internal token's key stays in the key set: tokens live for a minute, and key sets are kept for five.
    static let internalOverlap: Duration = .seconds(600)

    package static func show(_ deployment: Deployment) async throws -> CommandOutput {
        let now = SystemClock.now()
        return try await deployment.withShelf { shelf in
            var table = TextTable()
            table.add("FRONTEND", "FOR", "ALGORITHM", "KEY", "ORIGIN", "UNTIL")
            var values: [Value] = []
            for frontend in deployment.plan.frontends {
                for name in frontend.sendsInternalTokens ? [KeyName.tokens(frontend), .upstreams(frontend)] : [.tokens(frontend)] {
                    guard let keys = try await keys(name, frontend, shelf, at: now) else {
                        table.add(name.frontend, name.use.rawValue, name.algorithm.rawValue, "-", "made at the first start", "")
                        continue
                    }
                    add(keys, name, at: now, to: &table, &values)
                }
            }
            return CommandOutput(text: table.text, value: .list(values))
        }
    }

    /// Nil where the first is still to be made.
    private static func keys(
        _ name: KeyName, _ frontend: PlannedFrontend, _ shelf: any KeyShelf, at now: Instant
    ) async throws -> FrontendKeys? {
        if name.use == .tokens, let given = try FrontendKeys.given(frontend) { return given }
        do {
            return try await shelf.load([name], at: now)[name].map { try FrontendKeys(kept: $0, name) }
        } catch {
            throw FrontendKeys.worded(error, name)
        }
    }

    private static func add(_ keys: FrontendKeys, _ name: KeyName, at now: Instant, to table: inout TextTable, _ values: inout [Value]) {
        let signing = keys.ring(at: now).current.id
        let origin = keys.isGenerated ? "generated" : "configured"
        for term in keys.terms {
            let id = Base64URL.encode(term.key.id.bytes)
            let (state, words) =
                if term.key.id == signing {
                    ("signs", "signs")
                } else if let from = term.signsFrom, from > now {
                    ("next", "signs from \(from.iso8601) on")
                } else if let until = term.until {
                    ("older", "verifies until \(until.iso8601)")
                } else {
                    ("older", "verifies as long as it stands in `older`")
                }
            table.add(name.frontend, name.use.rawValue, name.algorithm.rawValue, String(id.prefix(16)), origin, words)
            values.append(
                .object([
                    .init("frontend", .string(name.frontend)), .init("for", .string(name.use.rawValue)),
                    .init("algorithm", .string(name.algorithm.rawValue)), .init("key", .string(id)), .init("origin", .string(origin)),
                    .init("state", .string(state)), .init("until", term.until.map { .string($0.iso8601) } ?? .null),
                    .init("jwk", term.key.verification.jwk() ?? .null),
                ]))
        }
    }

    /// Makes a new key; those before it verify for `overlap`, or, without one named, for as long as their last token may live.
    ///
    /// `isInternal`: the key of internal tokens, instead of the one that signs what clients are given. `isForced`: also where those before it
    /// cannot be read.
    package static func rotate(
        _ deployment: Deployment, frontend name: String, isInternal: Bool = false, overlap: Duration? = nil, isForced: Bool = false
    ) async throws -> CommandOutput {
        let frontend = try deployment.frontend(name)
        let key = isInternal ? KeyName.upstreams(frontend) : .tokens(frontend)
        guard isInternal || frontend.configuration.keys.access == nil else { throw AssemblyFault(steps(for: frontend)) }
        guard !isInternal || frontend.sendsInternalTokens else {
            throw AssemblyFault("no upstream of `\(name)` has `internal-token: true`")
        }
        let overlap = overlap ?? standardOverlap(of: key, frontend)
        return try await deployment.withShelf { shelf in
            do {
                let now = SystemClock.now()
                if overlap > .zero, try await shelf.load([key], at: now)[key] == nil {
                    throw AssemblyFault("`\(name)` has no key yet: the first start makes one")
                }
                let text = try KeptKey.fresh(key.algorithm, rsaBits: frontend.configuration.keys.rsaBits, random: SystemClock.random)
                // A large RSA key may have taken seconds.
                let rotation = try await shelf.rotate(key, to: text, overlap: overlap, isForced: isForced, at: SystemClock.now())
                return CommandOutput(
                    text: words(for: rotation, name, isShared: shelf.isShared, overlap: overlap),
                    value: .object([
                        .init("frontend", .string(name)), .init("signs-from", .string(rotation.signsFrom.iso8601)),
                        .init("until", .string(rotation.until.iso8601)),
                    ]))
            } catch {
                throw FrontendKeys.worded(error, key)
            }
        }
    }

    private static func words(for rotation: KeyRotation, _ name: String, isShared: Bool, overlap: Duration) -> String {
        let place = isShared ? "every instance" : "a running `dragoman serve`"
        guard overlap > .zero else {
            return "a new key signs for `\(name)`, and nothing that an older one has signed counts any more: "
                + "\(place) takes it over within one second\n"
        }
        let start = isShared ? "on every instance from \(rotation.signsFrom.iso8601) on" : "; \(place) takes it over within one second"
        return "a new key signs for `\(name)`\(isShared ? " " : "")\(start); the old one verifies until \(rotation.until.iso8601)\n"
    }

    /// What to write where the configuration gives the key.
    private static func steps(for frontend: PlannedFrontend) -> String {
        let isRSA = frontend.algorithm == .rs256
        let source = frontend.configuration.keys.source
        let life = SchemaType.words(.seconds(longestLife(frontend).secondsRoundedUp))
        return """
            the key of `\(frontend.configuration.name)` stands in the configuration, so that is where the new one goes:

            1. make it:  \(isRSA ? "openssl genrsa -out new.pem 2048 && chmod 600 new.pem" : "openssl rand -base64 48")
            2. write it as `access`, and what is `access` now as `older`:

                 keys:
                   access: \(isRSA ? "file:new.pem" : "env:NEW_KEY")
                   older: [\(source.map { "\"\($0)\"" } ?? "what `access` is now")]

            3. reload (SIGHUP), or restart where a variable is new. New tokens are signed by the new key, those of the old one still count.
            4. after \(life), when the last of them has ended, take it out of `older` and reload.

            Several instances: give all of them the new key as `older` first, beside the present `access`; only then write it as above.
            Has the old key leaked, leave it out of `older` at once: its tokens are refused, and everybody signs in again.
            """
    }

    /// Reads a span as it is typed; nil when it is none, or of more than ten years.
    package static func overlap(_ text: String) -> Duration? {
        guard text != "0" else { return .zero }
        guard let span = Scalars.duration(text), span <= .seconds(10 * 366 * 86_400) else { return nil }
        return span
    }

    private static func standardOverlap(of key: KeyName, _ frontend: PlannedFrontend) -> Duration {
        guard key.use == .tokens else { return internalOverlap }
        // A minute for whoever signs with the old one until it hears of the new.
        return longestLife(frontend) + .seconds(60)
    }

    /// How long a token of its dialect is good for anything, be it only for a new one.
    private static func longestLife(_ frontend: PlannedFrontend) -> Duration {
        let dialect = frontend.dialect
        return Frontend.longestTokenLife(
            access: dialect.access.lifetime, refresh: dialect.refresh?.lifetime, renewal: dialect.policy.renewal)
    }
}
