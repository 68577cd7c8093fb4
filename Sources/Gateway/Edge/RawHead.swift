import Glibc
import Identity
import NIOCore

/// A request's head as bytes say it (RFC 9112 sections 2 to 5), before anything is judged.
///
/// Strict: one way to write a line end, no folding, no space around names, nothing that two readers could take apart differently.
struct RawHead: Sendable {
    enum Version: Sendable, Hashable { case http10, http11 }

    var method = ""
    /// As sent.
    var target = ""
    var version = Version.http11
    /// Names in ASCII lower case, values without the white space around them; in the order received.
    var fields: [(name: String, value: String)] = []

    /// Reads a whole head; what was understood before a fault stays, so that the refusal can be worded.
    ///
    /// False: it breaks the rules, or has more than `limit` fields.
    mutating func read(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard let line = Self.line(bytes, from: 0), readRequestLine(bytes[..<line]) else { return false }
        var at = line + 2
        while let end = Self.line(bytes, from: at) {
            if end == at { return end + 2 == bytes.count }
            guard fields.count < limit, readField(UnsafeRawBufferPointer(rebasing: bytes[at..<end])) else { return false }
            at = end + 2
        }
        return false
    }

    /// The end of the line that begins at `start`: the place of its CRLF; nil for a bare CR or LF.
    private static func line(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count, let found = memchr(base + start, 0x0A, bytes.count - start) else {
            return nil
        }
        let lf = UnsafeRawPointer(found) - base
        guard lf > start, bytes[lf - 1] == UInt8.carriageReturn else { return nil }
        return lf - 1
    }

    private mutating func readRequestLine(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = line.firstIndex(of: UInt8(ascii: " ")), first > 0, line[..<first].allSatisfy(\.isTokenCharacter),
            first <= 32
        else { return false }
        method = Self.knownMethod(line[..<first]) ?? String(decoding: line[..<first], as: UTF8.self)
        let rest = line[(first + 1)...]
        guard let second = rest.firstIndex(of: UInt8(ascii: " ")), second > first + 1 else { return false }
        let sent = rest[..<second]
        guard sent.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        target = String(decoding: sent, as: UTF8.self)
        let version = rest[(second + 1)...]
        guard version.count == 8, version.starts(with: "HTTP/1.".utf8), let last = version.last else { return false }
        switch last {
        case UInt8(ascii: "1"): self.version = .http11
        case UInt8(ascii: "0"): self.version = .http10
        default: return false
        }
        return true
    }

    /// The common ones without making a string.
    private static func knownMethod(_ bytes: Slice<UnsafeRawBufferPointer>) -> String? {
        CheckedHead.methods.first { $0.utf8.count == bytes.count && bytes.elementsEqual($0.utf8) }
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
        var isName = true
        let name = String(unsafeUninitializedCapacity: colon) { room in
            for index in 0..<colon {
                let byte = line[index]
                if !byte.isTokenCharacter { isName = false }
                room[index] = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            }
            return isName ? colon : 0
        }
        guard isName else { return false }
        var start = colon + 1
        var end = line.count
        while start < end, line[start].isSpaceOrTab { start += 1 }
        while end > start, line[end - 1].isSpaceOrTab { end -= 1 }
        let value = UnsafeRawBufferPointer(rebasing: line[start..<end]).assumingMemoryBound(to: UInt8.self)
        guard value.allSatisfy(\.isFieldContent), let text = String(strictUTF8: value) else { return false }
        fields.append((name, text))
        return true
    }
}
