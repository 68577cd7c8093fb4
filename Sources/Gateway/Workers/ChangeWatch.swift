import Identity
import ServiceLifecycle
import Storage

/// Moves the mark of changes when another process may have written: an operator's command, another instance.
///
/// What is remembered of callers is stale from then on, so a suspension from outside counts within a tenth of a second. A store that does
/// not answer makes everything stale: nobody passes on a memory that cannot be checked.
struct ChangeWatch: Service {
    let store: SQLStore
    let mark: ChangeMark
    let known: KnownTokens
    var pause: Duration = .milliseconds(100)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: Int64?
            while (try? await Task.sleep(for: pause)) != nil {
                let current = try? await store.foreignChanges()
                if current == nil || current != last {
                    known.distrust()
                    mark.moveAll()
                }
                last = current
            }
        }
    }
}
