package import Identity
package import Logging

/// What a run is given beside its configuration: by the command line, or by a test.
package struct ServeOptions: Sendable {
    package var log: Logger
    /// How many lines the log had no room for, or could not be written.
    package var lostLogLines: @Sendable () -> Int = { 0 }
    package var limits = EdgeLimits()
    /// How long requests under way may take when the process goes down.
    package var drain: Duration = .seconds(25)
    /// How long connections are still accepted then.
    package var lull: Duration = .milliseconds(250)
    package var hashThreads: Int
    package var hashQueue = 64
    /// How often is looked for keys that somebody has replaced, and on a shared store how long a new one is known before it signs.
    package var keyPause: Duration = .milliseconds(500)
    package var keyLead: Duration = KeyVault.lead
    package var now: @Sendable () -> Instant = SystemClock.now
    package var random: @Sendable (Int) -> [UInt8] = SystemClock.random
    /// Whether SIGTERM, SIGINT and SIGHUP are this run's; tests keep them.
    package var takesSignals = true
    /// The variables that `env:` reads, also at reload.
    package var environment: [String: String]

    package init(log: Logger, hashThreads: Int, environment: [String: String]) {
        self.log = log
        self.hashThreads = hashThreads
        self.environment = environment
    }
}
