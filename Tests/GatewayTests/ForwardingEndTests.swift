import Testing

@testable import Gateway

@Suite struct ForwardingEndTests {
    @Test func `what went to an upstream is a use, unless its answer says that it came to nothing`() {
        #expect(!ForwardingEnd.unsent.isUse)
        #expect(ForwardingEnd.unknown.isUse)
        for status in [101, 200, 204, 206, 299] { #expect(ForwardingEnd.answered(status).isUse, "\(status)") }
        for status in [300, 304, 400, 401, 404, 429, 500, 502, 504] { #expect(!ForwardingEnd.answered(status).isUse, "\(status)") }
    }
}
