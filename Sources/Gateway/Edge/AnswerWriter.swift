import DialectEngine
import Identity
import NIOCore

/// Writes answers as bytes (RFC 9112 section 4).
enum AnswerWriter {
    /// Gives the place of the date, which has 29 bytes whatever it is.
    ///
    /// `withoutBody`: the answer to a HEAD, whose length is told and whose body is not sent.
    @discardableResult
    static func write(_ response: WireResponse, date: String, withoutBody: Bool, closes: Bool, to bytes: inout ByteBuffer) -> Int {
        let mayHaveBody = mayHaveBody(response.status)
        bytes.reserveCapacity(minimumWritableBytes: 256 + response.headers.count * 64 + response.body.count)
        writeStatusLine(response.status, to: &bytes)
        for (name, value) in response.headers where !isOurs(name) { writeField(name, value, to: &bytes) }
        let dateAt = bytes.writerIndex + 6
        writeField("Date", date, to: &bytes)
        if mayHaveBody { writeField("Content-Length", String(response.body.count), to: &bytes) }
        if closes { writeField("Connection", "close", to: &bytes) }
        bytes.writeStaticString("\r\n")
        if mayHaveBody, !withoutBody { bytes.writeBytes(response.body) }
        return dateAt
    }

    static func writeStatusLine(_ status: Int, to bytes: inout ByteBuffer) {
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(status))
        bytes.writeStaticString(" ")
        bytes.writeString(reason(status))
        bytes.writeStaticString("\r\n")
    }

    /// A value that could end the line is left out: better a field too few than an answer of somebody else's making.
    static func writeField(_ name: String, _ value: String, to bytes: inout ByteBuffer) {
        guard value.utf8.allSatisfy(\.isFieldContent) else { return }
        // In one piece: each write by itself asks for room.
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                let count = name.count + value.count + 4
                _ = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
                    room.copyBytes(from: name)
                    room[name.count] = UInt8(ascii: ":")
                    room[name.count + 1] = UInt8(ascii: " ")
                    UnsafeMutableRawBufferPointer(rebasing: room[(name.count + 2)...]).copyBytes(from: value)
                    room[count - 2] = .carriageReturn
                    room[count - 1] = .lineFeed
                    return count
                }
            }
        }
    }

    /// RFC 9110 section 6.4.1.
    static func mayHaveBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }

    /// Fields that the connection itself decides.
    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.loweringASCII() == "date"
        case 10: name.loweringASCII() == "connection"
        case 14: name.loweringASCII() == "content-length"
        case 17: name.loweringASCII() == "transfer-encoding"
        default: false
        }
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Payload Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Entity"
        case 423: "Locked"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: status < 200 ? "Interim" : status < 400 ? "OK" : "Error"
        }
    }
}
