import DialectEngine
import Identity

/// Finds accounts that still have a password which documents print: production does not start over them.
///
/// Looked at are the names that such accounts have: those of the seeds, and whatever begins with `admin`. Each try costs what a login costs.
struct PublishedPasswordCheck {
    let environment: IdentityEnvironment

    /// The accounts found, as operators call them.
    func run(_ frontend: PlannedFrontend) async throws -> [String] {
        let realm = frontend.configuration.realm
        let book = AccountBook(environment: environment, realm: realm, policy: frontend.dialect.policy)
        var likely = try await book.list(after: 0, limit: 10, search: "admin")
        for seed in frontend.configuration.seed {
            guard let email = seed.slots["email"]?.string, let account = try? await book.find(email) else { continue }
            if !likely.contains(where: { $0.id == account.id }) { likely.append(account) }
        }
        var found: [String] = []
        for account in likely where account.status == .active && account.passwordHash != nil {
            for text in PublishedPasswords.documented {
                guard let password = PasswordText(text) else { continue }
                let match = try await environment.hasher.verify(
                    password, against: account.passwordHash, scheme: frontend.dialect.policy.password.scheme)
                if match.matches { found.append(account.username ?? account.email) }
            }
        }
        return found
    }
}
