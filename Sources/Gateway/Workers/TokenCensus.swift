import Identity
import ServiceLifecycle

/// Reads which tokens the store has a record of: at the start, and again when somebody beside this process has written.
///
/// At the start it reads accounts as well, so that after a restart not everybody has to be asked for at once.
struct TokenCensus: Service {
    let store: any IdentityStore
    let known: KnownTokens
    var pause: Duration = .milliseconds(200)
    let frontends: @Sendable () -> [FrontendRuntime]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for frontend in frontends() { try? await frontend.engine.rememberAccounts() }
            var pause = Duration.zero
            while (try? await Task.sleep(for: pause)) != nil {
                pause = self.pause
                guard known.wantsReading else { continue }
                let began = ContinuousClock.now
                try? await known.fill(from: store)
                // Somebody who writes all the time must not make it read all the time.
                pause = max(pause, (.now - began) * 9)
            }
        }
    }
}
