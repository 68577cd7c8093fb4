import Glibc

/// Standard output and error, unbuffered.
package enum Terminal {
    @Sendable package static func write(_ text: String) { put(Array(text.utf8), 1) }
    @Sendable package static func complain(_ text: String) { put(Array(text.utf8), 2) }

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

    /// How many cores there are to hash on.
    package static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private static func put(_ bytes: [UInt8], _ descriptor: CInt) {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            left = left.dropFirst(count)
        }
    }
}
