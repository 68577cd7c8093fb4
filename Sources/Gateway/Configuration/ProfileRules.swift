import DialectEngine
import Identity

/// What a profile refuses of a configuration that is sound otherwise.
struct ProfileRules {
    let findings: Findings

    func check(_ configuration: Configuration) {
        for frontend in configuration.frontends {
            for seed in frontend.seed { check(seed, of: frontend, configuration.profile) }
        }
        if configuration.profile == .production, configuration.mail.transport == .mailbox {
            findings.error(
                configuration.mail.transportPlace, "production does not keep mails in a folder: name an SMTP server as `mail.transport`")
        }
    }

    private func check(_ seed: FrontendConfiguration.Seed, of frontend: FrontendConfiguration, _ profile: Configuration.Profile) {
        guard let password = seed.password, PublishedPasswords.contains(password.text) else { return }
        if profile == .production {
            findings.error(seed.passwordPlace, "this password is published: production does not seed it")
        } else if !frontend.listen.isLoopback {
            findings.error(
                seed.passwordPlace,
                "this password is published: it is seeded only where \(frontend.listen) is out of others' reach, on 127.0.0.1")
        }
    }
}
