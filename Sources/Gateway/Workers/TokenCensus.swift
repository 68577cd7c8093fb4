import Identity
import ServiceLifecycle

/// Reads which tokens the store has a record of, and the newest accounts: at the start, so that not everybody has to be asked for at once,
/// and again when somebody beside this process has written.
struct TokenCensus: Service {
    let store: any IdentityStore
    let mark: ChangeMark
    let known: KnownTokens
    var pause: Duration = .milliseconds(200)
    let frontends: @Sendable () -> [FrontendRuntime]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Duration.zero
            while (try? await Task.sleep(for: pause)) != nil {
                // What is read before the first look at the changes of others counts for nothing.
                pause = mark.isTrusted ? self.pause : .milliseconds(10)
                guard mark.isTrusted, known.wantsReading else { continue }
                let began = ContinuousClock.now
                for frontend in frontends() { try? await frontend.engine.rememberAccounts() }
                try? await known.fill(from: store)
                // Somebody who writes all the time must not make it read all the time.
                pause = max(pause, (.now - began) * 9)
            }
        }
    }
}
