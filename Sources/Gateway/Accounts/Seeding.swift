import DialectEngine
import Identity
import Logging

/// Makes the accounts that an empty realm begins with.
struct Seeding {
    let environment: IdentityEnvironment
    let log: Logger

    /// Does nothing in a realm that has an account already.
    func run(_ frontend: PlannedFrontend) async throws {
        let configuration = frontend.configuration
        let book = AccountBook(environment: environment, realm: configuration.realm, policy: frontend.dialect.policy)
        for account in try await book.seed(configuration.seed.map { AccountDraft($0) }) {
            log.notice(
                "seeded an account", metadata: ["frontend": "\(configuration.name)", "account": "\(account.id)", "role": "\(account.role)"])
        }
    }
}

extension AccountDraft {
    init(_ seed: FrontendConfiguration.Seed) {
        self.init(slots: seed.slots, password: seed.password, isConfirmed: seed.confirmed)
    }
}
