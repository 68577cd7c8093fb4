import Identity
import Testing

@Suite struct FairSharesTests {
    @Test(arguments: [1, 2, 3, 10, 100])
    func `as long as what is taken comes back, all callers come to the same part, and as much is left`(callers: Int) {
        var shares = FairShares(limit: 606)
        var held = Array(repeating: 0, count: callers)
        for _ in 0..<2000 {
            for caller in held.indices {
                while shares.take(for: "192.0.2.\(caller)") { held[caller] += 1 }
                guard held[caller] > 0 else { continue }
                shares.give(from: "192.0.2.\(caller)")
                held[caller] -= 1
            }
        }
        let part = 606 / (callers + 1)
        #expect(held.allSatisfy { abs($0 - part) <= 2 }, "\(held), not \(part)")
        let isLeft = shares.take(for: "203.0.113.1")
        #expect(isLeft)
    }

    @Test func `what a caller asks for at once is given whole or not at all`() {
        var shares = FairShares(limit: 100)
        let answers = [51, 50, 1, 25].map { shares.take($0, for: "a") }
        #expect(answers == [false, true, false, false])
        #expect(shares.total == 50)
        let others = [26, 25].map { shares.take($0, for: "b") }
        #expect(others == [false, true])
        shares.give(50, from: "a")
        let all = shares.take(75, for: "")
        #expect(all && shares.total == 100)
    }
}
