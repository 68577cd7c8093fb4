import Glibc
import Testing

@testable import Gateway

@Suite struct LogThreadTests {
    /// A pipe that is read when the test wants it.
    private struct Pipe {
        let reading: Int32
        let writing: Int32

        init() {
            var ends: [Int32] = [0, 0]
            _ = pipe(&ends)
            (reading, writing) = (ends[0], ends[1])
        }

        func close() {
            _ = Glibc.close(reading)
            _ = Glibc.close(writing)
        }

        /// What has been written until the condition is met by it.
        func lines(until isEnough: ([Substring]) -> Bool) -> [Substring] {
            var text = ""
            var piece = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(reading, &piece, piece.count)
                guard count > 0 else { return [] }
                text += String(decoding: piece.prefix(count), as: UTF8.self)
                let lines = text.split(separator: "\n")
                if text.hasSuffix("\n"), isEnough(lines) { return lines }
            }
        }
    }

    private static func line(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

    @Test func `lines arrive whole and in their order`() {
        let pipe = Pipe()
        defer { pipe.close() }
        let log = LogThread(descriptor: pipe.writing) { _ in [] }
        for number in 0..<1000 { log.write(Self.line(number)) }
        #expect(pipe.lines { $0.count == 1000 } == (0..<1000).map { "line \($0)" })
        log.close()
        #expect(log.lostLines == 0)
    }

    @Test func `who logs does not wait for a reader who has stopped, and the reader is told what is missing`() {
        let pipe = Pipe()
        defer { pipe.close() }
        let log = LogThread(descriptor: pipe.writing, room: 10_000) { Array("lost \($0)\n".utf8) }
        let start = ContinuousClock.now
        for number in 0..<100_000 { log.write(Self.line(number)) }
        #expect(.now - start < .seconds(20))
        let lost = log.lostLines
        #expect(lost > 0)
        var missing = 0
        let lines = pipe.lines { lines in
            let told = lines.filter { $0.hasPrefix("lost ") }
            missing = told.compactMap { Int($0.dropFirst(5)) }.reduce(0, +)
            return lines.count - told.count + missing == 100_000
        }
        #expect(missing == lost && !lines.isEmpty)
        log.close()
    }

    @Test func `the end waits for what was written, and not for a reader who has stopped`() {
        let pipe = Pipe()
        defer { pipe.close() }
        let log = LogThread(descriptor: pipe.writing, room: 200_000) { _ in [] }
        for number in 0..<100 { log.write(Self.line(number)) }
        log.close()
        #expect(pipe.lines { $0.count == 100 }.first == "line 0")
        let stuck = LogThread(descriptor: pipe.writing, room: 200_000) { _ in [] }
        for number in 0..<12_000 { stuck.write(Self.line(number)) }
        stuck.close(within: .milliseconds(100))
        // Lets its thread end.
        #expect(pipe.lines { $0.last == "line 11999" }.first == "line 0")
    }

    @Test func `lines that a full disk does not take are counted, and tried no more`() {
        let full = open("/dev/full", O_WRONLY)
        defer { _ = Glibc.close(full) }
        let log = LogThread(descriptor: full) { _ in [] }
        for number in 0..<100 { log.write(Self.line(number)) }
        log.close()
        #expect(log.lostLines == 100)
    }
}
