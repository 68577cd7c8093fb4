package import Identity

/// Generated keys as files (0600) under the state folder: `NAME.secret` or `NAME.pem` signs, `NAME.UNTIL.secret` verifies until that second;
/// `NAME.internal.pem` and `NAME.internal.UNTIL.pem` are those of internal tokens.
package struct KeyCabinet: KeyShelf {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    package var isShared: Bool { false }
    package var lead: Duration { .zero }

    package func load(_ names: [KeyName], at now: Instant) throws -> [KeyName: [KeptKey]] {
        while true {
            let files = PrivateFile.names(in: folder)
            let found = try load(names, at: now, of: files)
            // A rotation in between has written the older key's file first: without it, the new key alone would have been read.
            if PrivateFile.names(in: folder) == files { return found }
        }
    }

    private func load(_ names: [KeyName], at now: Instant, of files: [String]) throws -> [KeyName: [KeptKey]] {
        var found: [KeyName: [KeptKey]] = [:]
        for name in names where files.contains(name.file) {
            var keys = [KeptKey(text: try read(name.file), signsFrom: FrontendKeys.always)]
            for (file, until) in older(name, in: files) where until > now {
                keys.append(KeptKey(text: try read(file), signsFrom: FrontendKeys.always, until: until))
            }
            found[name] = keys
        }
        return found
    }

    package func keepFirst(_ text: [UInt8], of name: KeyName, at now: Instant) throws {
        try PrivateFile.makeFolder(folder)
        _ = try PrivateFile.create(path(name.file), text)
    }

    package func rotate(
        _ name: KeyName, to text: [UInt8], overlap: Duration, isForced: Bool = false, at now: Instant
    ) throws -> KeyRotation {
        var rotation = KeyRotation(at: now, lead: lead, overlap: overlap)
        try PrivateFile.alone(in: folder) {
            let files = PrivateFile.names(in: folder)
            // Written first and then replaced: at no moment is there no current key.
            if overlap > .zero {
                // Names have whole seconds, and each is of one key only.
                rotation.until = Instant(seconds: rotation.until.seconds)
                while files.contains(name.file(until: rotation.until)) { rotation.until = rotation.until + .seconds(1) }
                try PrivateFile.replace(path(name.file(until: rotation.until)), try PrivateFile.read(path(name.file)))
            }
            try PrivateFile.replace(path(name.file), text)
            for (file, until) in older(name, in: files) where until > rotation.until {
                guard overlap > .zero else {
                    try PrivateFile.remove(path(file))
                    continue
                }
                var end = rotation.until
                while PrivateFile.exists(path(name.file(until: end))) { end = end - .seconds(1) }
                try PrivateFile.rename(path(file), path(name.file(until: end)))
            }
        }
        return rotation
    }

    package func sweep(at moment: Instant) throws {
        for file in PrivateFile.names(in: folder) {
            let parts = file.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 3, ["secret", "pem"].contains(parts[parts.count - 1]), let end = Int64(parts[parts.count - 2]),
                Instant(seconds: end) <= moment
            else { continue }
            try PrivateFile.remove(path(file))
        }
    }

    /// Those that end last first.
    private func older(_ name: KeyName, in files: [String]) -> [(file: String, until: Instant)] {
        files.compactMap { file in name.end(of: file).map { (file, $0) } }.sorted { $0.1 > $1.1 }
    }

    private func read(_ file: String) throws -> [UInt8] {
        let path = path(file)
        guard try !PrivateFile.isReadableByAll(path) else {
            throw AssemblyFault("the key \(path) can be read by every user of this machine: make a new one, or `chmod 600` it")
        }
        return try PrivateFile.read(path)
    }

    private func path(_ file: String) -> String { "\(folder)/\(file)" }
}
