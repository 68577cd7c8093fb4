package import DialectEngine
import Identity
import Logging
import Storage

/// One configuration in a command's hands.
package struct Deployment: Sendable {
    package var plan: Plan
    package let report: DiagnosticReport

    /// Reads configuration and dialects.
    ///
    /// - Throws: `DiagnosticReport` with every fault.
    package static func read(_ path: String, environment: [String: String]) throws -> Deployment {
        let (plan, report) = Planner.plan(path: path, environment: environment)
        guard let plan else { throw report }
        return Deployment(plan: plan, report: report)
    }

    /// The frontend of that name; without a name the only one.
    func frontend(_ name: String?) throws -> PlannedFrontend {
        let names = plan.frontends.map(\.configuration.name)
        guard let name else {
            guard plan.frontends.count == 1 else {
                throw AssemblyFault("there are several frontends, so say which by --frontend: \(names.joined(separator: ", "))")
            }
            return plan.frontends[0]
        }
        guard let frontend = plan.frontend(name) else {
            throw AssemblyFault("there is no frontend `\(name)`; there are \(names.joined(separator: ", "))")
        }
        return frontend
    }

    /// A book over the store, which is closed afterwards.
    func withAccounts<Answer>(_ name: String?, _ body: (AccountBook, PlannedFrontend) async throws -> Answer) async throws -> Answer {
        let frontend = try frontend(name)
        return try await withStore { store in
            var log = Logger(label: "dragoman") { _ in LineLog(format: .text, now: SystemClock.now) }
            log[metadataKey: "by"] = "operator"
            log[metadataKey: "frontend"] = "\(frontend.configuration.name)"
            let environment = IdentityEnvironment(
                store: store, now: SystemClock.now, random: SystemClock.random, hasher: PasswordHasher(cores: 1, waitingLimit: 4),
                commonPasswords: .shipped, report: EventLog(log: log).report)
            let book = AccountBook(environment: environment, realm: frontend.configuration.realm, policy: frontend.dialect.policy)
            return try await body(book, frontend)
        }
    }

    /// Where generated keys are kept.
    func withShelf<Answer>(_ body: (any KeyShelf) async throws -> Answer) async throws -> Answer {
        let configuration = plan.configuration
        guard configuration.keysAreInStore else { return try await body(KeyCabinet(folder: configuration.keysFolder)) }
        return try await withStore { store in
            try await body(KeyVault(store: store, seal: configuration.storeKey.map(KeySeal.init), random: SystemClock.random))
        }
    }

    func withStore<Answer>(_ body: (any IdentityStore) async throws -> Answer) async throws -> Answer {
        let store = try await Assembly.openStore(plan.configuration, now: SystemClock.now())
        do {
            let answer = try await StorePatience.$current.withValue(.work) { try await body(store) }
            await store.close()
            return answer
        } catch {
            await store.close()
            throw error
        }
    }
}
