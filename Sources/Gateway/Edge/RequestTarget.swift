/// The one form of a request-target that is judged, matched and forwarded: origin-form, its path canonical.
///
/// Everything that two programs could read differently is refused instead of repaired.
struct RequestTarget: Sendable, Hashable {
    /// Begins with `/`; percent-escapes of unreserved characters decoded, the others in upper-case hexadecimal.
    let path: String
    /// Without its question mark; nil when there was none.
    let query: String?

    /// Nil for every form but origin-form, and for paths with empty, `.` or `..` segments, `\`, `;`, `#`, escapes of `/ \ . %`, of control
    /// characters or of nothing, and for bytes that no URI has.
    init?(_ text: String, limit: Int) {
        var text = text
        let parsed: (path: String, query: String?)? = text.withUTF8 { bytes in
            guard bytes.count <= limit, bytes.first == UInt8(ascii: "/") else { return nil }
            let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
            guard let path = Self.path(bytes[..<(mark ?? bytes.endIndex)]) else { return nil }
            guard let mark else { return (path, nil) }
            let query = bytes[(mark + 1)...]
            guard query.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else { return nil }
            return (path, String(decoding: query, as: UTF8.self))
        }
        guard let parsed else { return nil }
        (path, query) = parsed
    }

    private static func path(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]),
                    append(escaped: high << 4 | low, to: &canonical)
                else { return nil }
                index += 3
                continue
            case UInt8(ascii: "\\"), UInt8(ascii: ";"), UInt8(ascii: "#"), 0...0x20, 0x7F...:
                return nil
            default:
                canonical.append(byte)
            }
            index += 1
        }
        guard hasPlainSegments(canonical) else { return nil }
        return String(decoding: canonical, as: UTF8.self)
    }

    private static func append(escaped byte: UInt8, to path: inout [UInt8]) -> Bool {
        switch byte {
        case 0..<0x20, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: "%"):
            return false
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
            path.append(byte)
        default:
            path += [UInt8(ascii: "%"), upperHex(byte >> 4), upperHex(byte & 0xF)]
        }
        return true
    }

    /// No segment but the last is empty, and none is `.` or `..`.
    private static func hasPlainSegments(_ path: [UInt8]) -> Bool {
        var start = 1
        for index in 1...path.count {
            guard index == path.count || path[index] == UInt8(ascii: "/") else { continue }
            switch index - start {
            case 0 where index < path.count: return false
            case 1 where path[start] == UInt8(ascii: "."): return false
            case 2 where path[start] == UInt8(ascii: ".") && path[start + 1] == UInt8(ascii: "."): return false
            default: break
            }
            start = index + 1
        }
        return true
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func upperHex(_ half: UInt8) -> UInt8 {
        half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "A") + half - 10
    }
}
