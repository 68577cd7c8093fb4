import Glibc

/// Standard output and error, unbuffered.
package enum Terminal {
    @Sendable package static func write(_ text: String) { put(Array(text.utf8), 1) }
    @Sendable package static func complain(_ text: String) { put(Array(text.utf8), 2) }

    /// Whether a person sees the standard error.
    package static var isSeen: Bool { isatty(2) == 1 }

    /// The process's environment variables.
    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let variable = entry.pointee {
            let parts = String(cString: variable).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    /// How many cores this process may use: those of the machine, or fewer when it was pinned (`taskset`, a container's set of cores).
    package static var cores: Int {
        let all = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        guard let status = try? PrivateFile.read("/proc/self/status") else { return all }
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        guard let mask = lines.first(where: { $0.hasPrefix("Cpus_allowed:") })?.dropFirst("Cpus_allowed:".count) else { return all }
        let ours = mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        return ours > 0 ? min(ours, all) : all
    }

    private static func put(_ bytes: [UInt8], _ descriptor: CInt) {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            left = left.dropFirst(count)
        }
    }
}
