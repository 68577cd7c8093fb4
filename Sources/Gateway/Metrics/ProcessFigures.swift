import Glibc

/// What the process takes of the machine; nil where the machine does not say.
struct ProcessFigures: Sendable {
    let cpu: Duration
    let residentBytes: Int?
    let descriptors: Int?

    static func current() -> ProcessFigures {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        // Its second number are pages.
        let pages = (try? PrivateFile.read("/proc/self/statm")).flatMap { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        // One is the look itself.
        let descriptors = PrivateFile.names(in: "/proc/self/fd").count - 1
        return ProcessFigures(
            cpu: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec), residentBytes: pages.map { $0 * sysconf(Int32(_SC_PAGESIZE)) },
            descriptors: descriptors > 0 ? descriptors : nil)
    }
}
