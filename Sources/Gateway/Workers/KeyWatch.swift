import Identity
import Logging
import ServiceLifecycle

/// Looks for keys that somebody has replaced, and takes them over while requests run.
///
/// When other keys count, be it by a rotation or by the clock, nobody passes on what was remembered of a token any more. On a shared
/// store a reading that fails is told by `Readiness` before another instance may sign with a key that is not known here.
struct KeyWatch: Service {
    let shelf: any KeyShelf
    /// Those that are in force at this moment.
    let keys: @Sendable () -> [LiveKeys]
    let mark: ChangeMark
    let readiness: Readiness
    let log: Logger
    let now: @Sendable () -> Instant
    var pause: Duration = .milliseconds(500)
    /// The pause while the store is away: once it is back, requests pass by the keys of before until these are read.
    private static let haste: Duration = .milliseconds(25)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: String?
            var rest = pause
            repeat {
                let (fault, isAway) = await look()
                if let fault, told == nil || !isAway && fault != told {
                    log.error("the keys cannot be read", metadata: ["reason": "\(fault)"])
                }
                if fault == nil, told != nil { log.notice("the keys are read again") }
                told = fault
                rest = isAway ? min(pause, Self.haste) : pause
            } while (try? await Task.sleep(for: rest)) != nil
        }
    }

    /// One look; why it failed, in words, and whether that is the store's being away.
    ///
    /// A key that cannot be read keeps no other from being replaced.
    func look() async -> (fault: String?, isAway: Bool) {
        let keys = keys()
        let began = SystemClock.uptime()
        var hasChanged = false
        var faults: [String] = []
        let generated = keys.filter(\.isGenerated)
        var all: [KeyName: [KeptKey]]?
        var isAway = false
        do {
            all = try await shelf.load(generated.map(\.name), at: now())
        } catch let error as StoreError {
            isAway = true
            faults.append(error.reason)
        } catch {
            // Whose key it is, each says for itself.
        }
        for live in generated where !isAway {
            do {
                var kept = all?[live.name]
                if all == nil { kept = try await shelf.load([live.name], at: now())[live.name] }
                if try take(kept, live) { hasChanged = true }
            } catch {
                let fault = (error as? AssemblyFault)?.description ?? Self.words(for: error)
                if !faults.contains(fault) { faults.append(fault) }
            }
        }
        if faults.isEmpty { readiness.readKeys(at: began) }
        for live in keys where live.hasTurned(at: now()) { hasChanged = true }
        if hasChanged { mark.moveAll() }
        return (faults.isEmpty ? nil : faults.joined(separator: "; "), isAway)
    }

    /// Whether others count from now on.
    private func take(_ kept: [KeptKey]?, _ live: LiveKeys) throws -> Bool {
        guard let kept else {
            throw AssemblyFault("the key of `\(live.name.frontend)` is gone; this process still has it, and a restart would make another")
        }
        do {
            guard try live.take(kept) else { return false }
        } catch {
            throw FrontendKeys.worded(error, live.name)
        }
        let current = live.ring(at: now()).current
        log.notice(
            "other keys",
            metadata: [
                "frontend": "\(live.name.frontend)", "for": "\(live.name.use.rawValue)",
                "signs": "\(Base64URL.encode(current.id.bytes).prefix(16))",
            ])
        return true
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as StoreError: error.reason
        case let fault as PrivateFile.Fault: fault.reason
        default: "\(type(of: error))"
        }
    }
}
