/// A request as it came in: all that a dialect may look at.
package struct WireRequest: Sendable {
    package var method: String
    /// The path as it is matched: checked, its percent-escapes of unreserved characters decoded; begins with `/`.
    package var path: String
    /// Without the question mark; nil when there was none.
    package var query: String?
    /// Lower-case names, in the order received.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The client's true address, text form.
    package var address: String

    package init(
        method: String, path: String, query: String? = nil, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        address: String = "127.0.0.1"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.address = address
    }

    /// All values of a header; the name in lower case.
    package func values(_ name: String) -> [String] {
        var values: [String] = []
        for header in headers where header.name == name { values.append(header.value) }
        return values
    }

    package func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// An answer ready to be sent.
package struct WireResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
