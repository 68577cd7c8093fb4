import FoundationEssentials
import Identity
import TestSupport
import Testing

@testable import Gateway

/// C3 of the promises.
@Suite struct EventLogTests {
    private static let id = AccountID(high: 1, low: 2)

    private static func event(_ kind: IdentityEvent.Kind) -> IdentityEvent {
        switch kind {
        case .signedIn: .signedIn(id)
        case .signInFailed: .signInFailed(id, .wrongPassword)
        case .locked: .locked
        case .forbidden: .forbidden(id)
        case .refreshTokenReused: .refreshTokenReused(id)
        case .registered: .registered(id)
        case .passwordChanged: .passwordChanged(id)
        case .emailChanged: .emailChanged(id)
        case .apiKeyRotated: .apiKeyRotated(id)
        case .accountDeleted: .accountDeleted(id)
        case .accountCreated: .accountCreated(id)
        case .roleChanged: .roleChanged(id)
        case .accountSuspended: .accountSuspended(id)
        case .accountResumed: .accountResumed(id)
        case .commonPassword: .commonPassword
        case .brokenHash: .brokenHash(id)
        case .mailNotWritten: .mailNotWritten(id, .confirm)
        case .hashQueueFull: .hashQueueFull
        case .storeUnavailable: .storeUnavailable("locked")
        case .fault: .fault(.login, StoreError.conflict)
        }
    }

    @Test func `the documented list of events is the emitted one`() throws {
        let page = try String(
            contentsOfFile: TestFolder.packageRoot + "/Sources/Gateway/Gateway.docc/Events.md", encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        let documented = rows.map { row in
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingSpace() }
            return "\(cells[1]) \(cells[2])"
        }
        let emitted = IdentityEvent.Kind.allCases.map { kind -> String in
            let lines = LogLines()
            EventLog(log: lines.logger).report(Self.event(kind), from: nil)
            #expect(Self.event(kind).kind == kind)
            let line = lines.all.first ?? ""
            return "\(EventLog.level(of: kind)) \(EventLog.words(for: kind))".commonPrefix(with: line)
        }
        #expect(documented.sorted() == emitted.sorted())
        #expect(documented.count == IdentityEvent.Kind.allCases.count)
    }

    @Test func `an event says who and from where`() {
        let lines = LogLines()
        EventLog(log: lines.logger).report(.signInFailed(Self.id, .wrongPassword), from: "192.0.2.1")
        #expect(lines.all == ["notice sign-in failed account=\(Self.id) client=192.0.2.1 reason=wrong-password"])
    }

    @Test func `what people do is told with their address`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            _ = try await gateway.signIn()
            _ = try await gateway.send("POST", "/login", #"{"email":"ann@example.com","password":"wrong horse 1"}"#)
            let lines = gateway.lines.all
            for event in ["notice registered ", "notice signed in ", "notice sign-in failed "] {
                #expect(lines.contains { $0.hasPrefix(event) && $0.contains("client=127.0.0.1") && $0.contains("account=") })
            }
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSpace() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// The text itself when the line begins with it, else what it shares with it.
    fileprivate func commonPrefix(with line: String) -> String {
        String(zip(self, line).prefix { $0 == $1 }.map(\.0))
    }
}
