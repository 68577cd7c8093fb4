package import Identity
import Mail
import Synchronization

/// A dialect on a stage of its own, for transcripts: the real table and engine over a store in memory, a clock that is moved by hand and
/// counted randomness, so the same requests get the same bytes.
///
/// Time begins at 2026-01-01T10:00:00Z. Tokens are signed with a published secret, or an RSA key made for the occasion; passwords are
/// hashed at the lowest cost; requests are not limited. A guarded path is answered by a pretended upstream that says whom it was told of.
package struct Rehearsal: Sendable {
    package static let publicURL = "https://auth.example.com"
    package static let links = "https://app.example.com"
    package static let sender = "noreply@example.com"

    let interpreter: DialectInterpreter
    let engine: IdentityEngine
    private let props = Props()

    /// Sets the stage; `hasher` and `store` may be shared with others.
    package init(_ dialect: Dialect, hasher: PasswordHasher, store: any IdentityStore = MemoryStore()) throws {
        let composer = MailComposer(dialect, links: Self.links, from: Self.sender)
        let ring = try KeyRing(current: Self.key(for: dialect.access.algorithm))
        var policy = dialect.policy
        policy.password.scheme.cost = 4
        let props = props
        interpreter = DialectInterpreter(dialect)
        engine = IdentityEngine(
            environment: IdentityEnvironment(
                store: store, now: { props.now }, random: { props.random($0) }, hasher: hasher, commonPasswords: .shipped),
            frontend: Frontend(
                name: dialect.name, realm: dialect.name, policy: policy, access: dialect.access.profile(purpose: .access),
                refresh: dialect.refresh?.profile(purpose: .refresh), keys: { ring }, issuer: Self.publicURL,
                apiKeyForm: dialect.apiKeys.map { APIKeyShape(prefix: $0.prefix, hexDigits: $0.hexDigits) },
                compose: { composer.message(for: $0)?.encoded() }))
    }

    /// Plays a transcript from where the last one ended.
    package func play(_ file: TranscriptFile, recording: Bool = false) async -> TranscriptReport {
        let player = TranscriptPlayer(
            answer: { await answer($0) }, nextMail: { await nextMail(to: $0) }, advance: { props.advance($0) },
            operate: { await operate($0) })
        return await player.play(file, recording: recording)
    }

    private static func key(for algorithm: String) throws -> SigningKey {
        guard algorithm == "RS256" else { return try .hs256(secret: Array("a secret that every rehearsal knows".utf8)) }
        return try .rs256(pem: SigningKey.generateRSA())
    }

    // MARK: Answers

    private func answer(_ request: WireRequest) async -> WireResponse {
        var response: WireResponse
        switch interpreter.recognise(request) {
        case .operation(let route, let asked):
            response = interpreter.render(await engine.perform(asked), of: route, request: request, asked: asked)
        case .guarded(let guarded): response = await upstream(guarded, request)
        case .respond(let answer), .refuse(_, let answer), .preflight(let answer): response = answer
        }
        if request.method == "HEAD" { response.body = [] }
        return response
    }

    private func upstream(_ guarded: GuardedRequest, _ request: WireRequest) async -> WireResponse {
        do {
            let principal = try await admitted(guarded)
            let account = principal.map { engine.frontend.policy.idCodec.encode($0.account) } ?? .null
            let body = Value.object([Value.Member("upstream", .string(guarded.gate.upstream)), Value.Member("account", account)])
            return WireResponse(
                status: 200, headers: [(name: "Content-Type", value: "application/json")] + interpreter.crossOriginHeaders(for: request),
                body: JSONWriter.document(body))
        } catch {
            let failure = error as? Failure ?? Failure(.internal)
            return interpreter.render(failure: failure, at: .gate(guarded.gate), request: request, language: guarded.language)
        }
    }

    /// Whom the upstream is told of; nobody where anyone may pass.
    private func admitted(_ guarded: GuardedRequest) async throws -> Principal? {
        let gate = guarded.gate
        guard !guarded.passesUnjudged, gate.allow != .anyone else { return nil }
        let principal = try await engine.authenticate(guarded.credential, kinds: gate.kinds)
        switch gate.allow {
        case .anyone, .signedIn: break
        case .confirmed: guard principal.account.confirmedAt != nil else { throw Failure(.unconfirmed) }
        case .roles(let roles): guard principal.hasRole(among: roles) else { throw Failure(.forbidden) }
        }
        if gate.countsUsage { _ = try await engine.takeUsage(of: principal.account.id) }
        return principal
    }

    // MARK: Mails

    private func nextMail(to address: String) async -> TranscriptMail? {
        let waiting = try? await engine.environment.store.read { try $0.outbox(state: nil, limit: 1000) }
        let mine = (waiting ?? []).filter { $0.recipient == address }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        guard let entry = mine.first(where: { props.take($0.id) }), let mail = try? MailMessage(decoding: entry.payload) else { return nil }
        return TranscriptMail(subject: mail.subject, text: mail.text)
    }
}

/// What a rehearsal moves by hand.
private final class Props: Sendable {
    private struct Moved {
        var now = Instant(seconds: 1_767_261_600)
        var seed: UInt64 = 1
        var taken: Set<String> = []
    }

    private let moved = Mutex(Moved())

    var now: Instant { moved.withLock { $0.now } }

    func advance(_ span: Duration) { moved.withLock { $0.now = $0.now + span } }

    /// Notes a mail as read; false when it was already.
    func take(_ mail: String) -> Bool { moved.withLock { $0.taken.insert(mail).inserted } }

    /// Bytes that look random and are the same in every run (SplitMix64).
    func random(_ count: Int) -> [UInt8] {
        moved.withLock { moved in
            (0..<count).map { _ in
                moved.seed &+= 0x9E37_79B9_7F4A_7C15
                var mixed = moved.seed
                mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: mixed ^ mixed >> 31)
            }
        }
    }
}
