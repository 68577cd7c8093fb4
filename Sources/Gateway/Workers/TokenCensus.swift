import Identity
import ServiceLifecycle

/// Reads which tokens the store has a record of: at the start, and again when somebody beside this process has written.
struct TokenCensus: Service {
    let store: any IdentityStore
    let known: KnownTokens
    var pause: Duration = .milliseconds(200)

    func run() async throws {
        await cancelWhenGracefulShutdown {
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
