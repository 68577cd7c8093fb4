package import DialectEngine
import Dispatch
import Identity
import Synchronization

/// Loads the dialects that a configuration names, with each frontend's settings, and finds what does not go together.
///
/// Changes nothing.
package enum Planner {
    /// Reads the configuration at `path` and all that it names.
    package static func plan(path: String, environment: [String: String]) -> (plan: Plan?, report: DiagnosticReport) {
        let (configuration, report) = ConfigurationReader.read(path: path, environment: environment)
        guard let configuration else { return (nil, report) }
        let (plan, more) = plan(configuration)
        let whole = DiagnosticReport(Array(Set(report.diagnostics + more.diagnostics)))
        return (whole.errors.isEmpty ? plan : nil, whole)
    }

    package static func plan(_ configuration: Configuration) -> (plan: Plan?, report: DiagnosticReport) {
        let all = configuration.frontends
        let plans = Mutex([(planned: PlannedFrontend?, diagnostics: [Diagnostic])](repeating: (nil, []), count: all.count))
        // A dialect takes some thirty milliseconds.
        DispatchQueue.concurrentPerform(iterations: all.count) { index in
            let plan = plan(all[index], of: configuration)
            plans.withLock { $0[index] = plan }
        }
        let loaded = plans.withLock(\.self)
        let frontends = loaded.compactMap(\.planned)
        var found = Set(loaded.flatMap(\.diagnostics))
        if configuration.keysAreInStore, configuration.storeKey == nil {
            let without = frontends.filter { $0.configuration.keys.access == nil || $0.sendsInternalTokens }.map(\.configuration)
            if let first = without.first {
                let names = without.map { "`\($0.name)`" }.joined(separator: ", ")
                found.insert(Diagnostic(.error, first.place, "the keys of \(names) are generated, and \(KeyVault.missing)"))
            }
        }
        let report = DiagnosticReport(found.map { shown($0, in: configuration) })
        guard report.errors.isEmpty else { return (nil, report) }
        return (Plan(configuration: configuration, frontends: frontends), report)
    }

    /// With the configuration's own line, where there is one.
    private static func shown(_ diagnostic: Diagnostic, in configuration: Configuration) -> Diagnostic {
        var diagnostic = diagnostic
        let index = diagnostic.place.line - 1
        if diagnostic.line == nil, diagnostic.place.file == configuration.file, configuration.lines.indices.contains(index) {
            diagnostic.line = configuration.lines[index]
        }
        return diagnostic
    }

    private static func plan(
        _ frontend: FrontendConfiguration, of configuration: Configuration
    ) -> (planned: PlannedFrontend?, diagnostics: [Diagnostic]) {
        let folder = "\(configuration.dialects)/\(frontend.dialect)"
        guard PrivateFile.exists("\(folder)/dialect.yaml") else {
            let known = PrivateFile.names(in: configuration.dialects).filter {
                PrivateFile.exists("\(configuration.dialects)/\($0)/dialect.yaml")
            }
            return (nil, [.unknown("dialect", frontend.dialect, at: frontend.dialectPlace, known: known)])
        }
        guard let files = DialectFiles(folder: folder) else {
            return (nil, [Diagnostic(.error, frontend.dialectPlace, "the dialect's folder \(folder) cannot be read")])
        }
        let loaded = DialectLoader.load(files, settings: frontend.settings) { DialectFiles(folder: "\(configuration.dialects)/\($0)") }
        guard let dialect = loaded.dialect else { return (nil, loaded.report.diagnostics) }
        var diagnostics = loaded.report.diagnostics
        func error(_ place: Place, _ words: String) { diagnostics.append(Diagnostic(.error, place, words)) }
        guard let algorithm = SigningAlgorithm(rawValue: dialect.access.algorithm) else {
            error(
                frontend.dialectPlace, "the dialect `\(frontend.dialect)` signs with \(dialect.access.algorithm), which is not known here")
            return (nil, diagnostics)
        }
        check(keysOf: frontend, algorithm, configuration.profile, error)
        check(seedsOf: frontend, dialect, error)
        for name in frontend.upstreams.keys.sorted() where !dialect.guards.contains(where: { $0.upstream == name }) {
            diagnostics.append(
                .unknown("upstream", name, at: frontend.place, known: Array(Set(dialect.guards.map(\.upstream))).sorted()))
        }
        let missing = dialect.guards.filter { frontend.upstreams[$0.upstream] == nil }
        for name in Set(missing.map(\.upstream)).sorted() {
            let guards = missing.filter { $0.upstream == name }.map { "`\($0.name)`" }
            diagnostics.append(
                Diagnostic(
                    .warning, frontend.place,
                    "no upstream `\(name)` is given, so whoever may pass \(guards.count == 1 ? "the guard" : "the guards") "
                        + "\(guards.joined(separator: ", ")) is told that it cannot be reached"))
        }
        if frontend.cors?.origins.contains("*") == true, frontend.cors?.credentials ?? dialect.cors?.credentials == true {
            error(
                frontend.place,
                "`cors.origins` is `*`, and the dialect lets credentials come along: name the origins, or set `credentials: false`")
        }
        return (PlannedFrontend(configuration: frontend, dialect: dialect, algorithm: algorithm), diagnostics)
    }

    private static func check(
        keysOf frontend: FrontendConfiguration, _ algorithm: SigningAlgorithm, _ profile: Configuration.Profile,
        _ error: (Place, String) -> Void
    ) {
        var known: Set<Digest> = []
        for (text, place) in [(frontend.keys.access, frontend.keys.place)] + frontend.keys.older.map({ ($0.text, $0.place) }) {
            guard let text else { continue }
            do {
                let key = try FrontendKeys.read(Array(text.text.utf8), algorithm)
                if key.isKnownWeak, profile == .production {
                    error(place, "this secret is published or easily guessed: production wants 32 random bytes or more")
                }
                if !known.insert(key.id).inserted { error(place, "this key stands here twice") }
            } catch let fault {
                error(place, FrontendKeys.words(for: fault, algorithm))
            }
        }
    }

    /// Seeds are judged as the operator's own accounts are.
    private static func check(seedsOf frontend: FrontendConfiguration, _ dialect: Dialect, _ error: (Place, String) -> Void) {
        for seed in frontend.seed {
            do {
                let id = AccountID(now: Instant(seconds: 0), random: [])
                _ = try AccountDraft(seed).account(id: id, realm: frontend.realm, policy: dialect.policy, now: Instant(seconds: 0))
            } catch let fault {
                error(seed.place, fault.description)
            }
        }
    }
}

extension Diagnostic {
    static func unknown(_ what: String, _ name: String, at place: Place, known: [String]) -> Diagnostic {
        Diagnostic(.error, place, "unknown \(what) `\(name)`", suggestion: Spelling.nearest(to: name, among: known), known: known)
    }
}
