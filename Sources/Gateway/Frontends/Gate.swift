import DialectEngine
import Identity

/// Judges requests for an upstream: who is calling, and what that lets them do.
struct Gate: Sendable {
    let engine: IdentityEngine

    /// What a guard decided.
    enum Verdict: Sendable {
        /// Nil: anybody may pass, or the credential is the upstream's own to judge.
        case passes(Principal?)
        case refuses(Failure, by: AccountID? = nil)
    }

    /// What can be said without waiting.
    enum AtOnce {
        /// Nil: it rests on nobody. `isNew` when nobody has shown the credential lately.
        case decided(Verdict, rests: PrincipalCache.Entry?, isNew: Bool)
        /// The store has to be asked, with what was read of a token already.
        case undecided(ShownToken?)
    }

    func verdictAtOnce(_ guarded: GuardedRequest) -> AtOnce {
        if passesUnjudged(guarded) { return .decided(.passes(nil), rests: nil, isNew: false) }
        do {
            switch try engine.glance(at: guarded.credential, kinds: guarded.gate.kinds) {
            case .holds(let entry, let isNew): return .decided(judge(entry.principal, guarded.gate), rests: entry, isNew: isNew)
            case .unknown(let shown): return .undecided(shown)
            }
        } catch {
            return .decided(.refuses(engine.refusal(for: error, of: nil)), rests: nil, isNew: true)
        }
    }

    /// Never throws: an unreadable store is a refusal, too.
    func verdict(_ guarded: GuardedRequest, shown: ShownToken? = nil) async -> Verdict {
        if passesUnjudged(guarded) { return .passes(nil) }
        do {
            return judge(try await engine.authenticate(guarded.credential, kinds: guarded.gate.kinds, shown: shown), guarded.gate)
        } catch {
            return .refuses(engine.refusal(for: error, of: nil))
        }
    }

    /// Whether somebody who was let pass may still; nil when the store cannot tell.
    ///
    /// That a token has expired or was renewed meanwhile ends nothing.
    func stillPasses(_ principal: Principal, _ guarded: GuardedRequest) async -> Bool? {
        var verdict = await verdict(guarded)
        if case .refuses(let failure, _) = verdict, [.expiredCredential, .revokedCredential].contains(failure.kind) {
            do {
                verdict = judge(try await engine.standing(of: principal), guarded.gate)
            } catch {
                verdict = .refuses(engine.refusal(for: error, of: nil))
            }
        }
        switch verdict {
        case .passes: return true
        case .refuses(let failure, _): return failure.kind.lineage.contains(.internal) ? nil : false
        }
    }

    private func passesUnjudged(_ guarded: GuardedRequest) -> Bool { guarded.passesUnjudged || guarded.gate.allow == .anyone }

    /// First who it is, then what it may.
    private func judge(_ principal: Principal, _ gate: Guard) -> Verdict {
        switch gate.allow {
        case .anyone, .signedIn: .passes(principal)
        case .confirmed: principal.account.confirmedAt == nil ? .refuses(Failure(.unconfirmed)) : .passes(principal)
        case .roles(let roles):
            principal.hasRole(among: roles) ? .passes(principal) : .refuses(Failure(.forbidden), by: principal.account.id)
        }
    }

    /// What an upstream is told of the caller.
    func identity(of principal: Principal, language: String?) -> [(name: String, value: String)] {
        let account = principal.account
        var fields = [
            (name: "X-Dragoman-Account", value: engine.frontend.policy.idCodec.encode(account).shown),
            (name: "X-Dragoman-Serial", value: String(account.serial)),
            (name: "X-Dragoman-Email", value: account.email),
            (name: "X-Dragoman-Role", value: account.role),
            (name: "X-Dragoman-Realm", value: engine.frontend.realm),
        ]
        if engine.frontend.policy.plans != nil {
            let usage = engine.usage(of: account)
            fields.append((name: "X-Dragoman-Plan", value: usage.plan))
            fields.append((name: "X-Dragoman-Usage", value: String(usage.count)))
            fields.append((name: "X-Dragoman-Usage-Limit", value: String(usage.limit)))
        }
        if let language { fields.append((name: "X-Dragoman-Language", value: language)) }
        return fields
    }
}
