import Dispatch
import Foundation
import Synchronization

/// Writes lines on a thread of its own, so that whoever logs never waits for whoever reads the log.
///
/// Lines stay whole and in their order. Those that find no room are lost, and another line says how many once there is room again. Those
/// that cannot be written, as the disk is full or the reader has gone, are counted alone.
package final class LogThread: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        /// Since the last line that told of them.
        var lost = 0
        var allLost = 0
        /// The thread is to be woken.
        var isAsleep = false
        var isOver = false
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let room: Int
    private let words: @Sendable (_ lost: Int) -> [UInt8]

    /// `room`: the bytes that may wait; `words`: the line that tells how many were lost.
    package init(descriptor: Int32 = 2, room: Int = 4 << 20, words: @escaping @Sendable (_ lost: Int) -> [UInt8]) {
        self.descriptor = descriptor
        self.room = room
        self.words = words
        let thread = Thread { [self] in run() }
        thread.name = "log"
        thread.start()
    }

    /// Lines lost so far.
    package var lostLines: Int { state.withLock(\.allLost) }

    @Sendable package func write(_ line: [UInt8]) {
        let wakes = state.withLock { state in
            guard !state.isOver, state.waiting.count + line.count <= room else {
                state.lost += 1
                state.allLost += 1
                return false
            }
            state.waiting += line
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { bell.signal() }
    }

    /// Waits until all is written, but not for ever; what comes later is written no more.
    package func close(within span: Duration = .seconds(2)) {
        state.withLock { $0.isOver = true }
        bell.signal()
        _ = ended.wait(timeout: .now() + .milliseconds(Int(span / .milliseconds(1))))
    }

    private func run() {
        while true {
            let (lines, isOver) = state.withLock { state in
                var lines: [UInt8] = []
                swap(&lines, &state.waiting)
                if state.lost > 0 { lines += words(state.lost) }
                state.lost = 0
                state.isAsleep = lines.isEmpty
                return (lines, state.isOver)
            }
            guard lines.isEmpty else {
                let lost = LineLog.write(lines, to: descriptor).count { $0 == UInt8(ascii: "\n") }
                // Nobody is told of these: a line about them would be lost as well.
                if lost > 0 { state.withLock { $0.allLost += lost } }
                continue
            }
            guard !isOver else { break }
            bell.wait()
        }
        ended.signal()
    }
}
