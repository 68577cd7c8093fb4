import Identity
import Storage

/// What is shown while a store moves: rows, their rate, and the time that is left.
struct MoveLine {
    private let isTerminal: Bool
    private var phase: StoreMove.Progress.Phase?
    private var phaseStart: Duration
    private var firstDone: Int64 = 0
    private var shownAt: Duration
    private var isOpen = false

    init(isTerminal: Bool, now: Duration) {
        self.isTerminal = isTerminal
        phaseStart = now
        shownAt = now
    }

    /// Nothing when the last text is young: a fifth of a second on a terminal, five seconds elsewhere.
    mutating func text(for step: StoreMove.Progress, now: Duration) -> String? {
        let isNew = phase != step.phase
        if isNew {
            phase = step.phase
            phaseStart = now
            firstDone = step.done
        }
        guard isNew || step.done == step.total || now - shownAt >= (isTerminal ? .milliseconds(200) : .seconds(5)) else { return nil }
        shownAt = now
        var text = "\(step.phase.rawValue) \(step.table): \(step.done) of \(step.total) rows"
        let microseconds = (now - phaseStart).wholeMicroseconds
        let rows = step.done - firstDone
        if microseconds > 0, rows > 0 {
            let rate = max(1, rows * 1_000_000 / microseconds)
            text += ", \(rate) a second, \(Self.span((max(0, step.total - step.done)) / rate)) left"
        }
        isOpen = isTerminal
        return isTerminal ? "\r\(text)\u{1B}[K" : text + "\n"
    }

    /// What ends the one line of a terminal.
    var end: String? { isOpen ? "\n" : nil }

    private static func span(_ seconds: Int64) -> String {
        seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
