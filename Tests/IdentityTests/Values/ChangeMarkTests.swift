import Identity
import Synchronization
import Testing

@Suite struct ChangeMarkTests {
    private let account = AccountID(high: 1, low: 2)

    @Test func `what is remembered stands until its account changes, or anything may have`() {
        let mark = ChangeMark()
        let before = mark.current
        #expect(mark.stands(account, since: before))
        mark.move([AccountID(high: 1, low: 3)])
        #expect(mark.stands(account, since: before))
        mark.move([account])
        #expect(!mark.stands(account, since: before))
        let after = mark.current
        #expect(mark.stands(account, since: after))
        mark.moveAll()
        #expect(!mark.stands(account, since: after))
    }

    @Test func `where others have to be heard, nothing stands before they are and once their last word is too old`() {
        let uptime = Mutex(Duration.seconds(100))
        let mark = ChangeMark { uptime.withLock(\.self) }
        let before = mark.current
        #expect(!mark.isTrusted && !mark.stands(account, since: before))
        mark.trust(until: .seconds(101))
        #expect(mark.isTrusted && mark.stands(account, since: before))
        uptime.withLock { $0 = .seconds(101) }
        #expect(!mark.isTrusted && !mark.stands(account, since: before))
        mark.trust(until: .seconds(102))
        #expect(mark.stands(account, since: before))
    }
}
