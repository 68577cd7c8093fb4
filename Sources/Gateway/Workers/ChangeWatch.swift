import Identity
import ServiceLifecycle
import Storage

/// Moves the mark of changes when another process may have written: an operator's command, another instance.
///
/// What is remembered of callers is stale from then on, so a suspension from outside counts within a tenth of a second. Memories are trusted
/// for a second after each look: while the store does not answer, or another process holds it, nobody passes on what cannot be checked.
struct ChangeWatch: Service {
    static let trust: Duration = .seconds(1)
    let store: SQLStore
    let mark: ChangeMark
    let known: KnownTokens
    var pause: Duration = .milliseconds(100)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: Int64?
            repeat {
                let moment = SystemClock.uptime()
                let current = try? await store.foreignChanges()
                if current == nil || current != last {
                    known.distrust()
                    mark.moveAll()
                }
                last = current
                if current != nil { mark.trust(until: moment + Self.trust) }
            } while (try? await Task.sleep(for: pause)) != nil
        }
    }
}
