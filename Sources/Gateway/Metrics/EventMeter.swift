import Identity
import Synchronization

/// How often each event of the log happened at one frontend.
final class EventMeter: Sendable {
    let frontend: String
    private let counts = Mutex<[IdentityEvent.Kind: Int]>([:])

    init(frontend: String) { self.frontend = frontend }

    func count(_ kind: IdentityEvent.Kind) { counts.withLock { $0[kind, default: 0] += 1 } }

    func count(of kind: IdentityEvent.Kind) -> Int { counts.withLock { $0[kind] ?? 0 } }

    /// `signInFailed` as `sign-in-failed`.
    static func label(_ kind: IdentityEvent.Kind) -> String {
        kind.rawValue.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}
