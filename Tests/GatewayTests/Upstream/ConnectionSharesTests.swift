import Testing

@testable import Gateway

/// To be asked within an expectation.
private final class Shares {
    private var shares: ConnectionShares

    init(connections: Int) { shares = ConnectionShares(connections: connections) }

    var isEmpty: Bool { shares.isEmpty }
    func take(_ part: ConnectionShares.Part, _ caller: String) -> Bool { shares.take(part, caller) }
    func bodyCame(_ caller: String) { shares.bodyCame(caller) }
    func giveBack(_ part: ConnectionShares.Part, _ caller: String) { shares.giveBack(part, caller) }
}

@Suite struct ConnectionSharesTests {
    @Test(arguments: [(1, [1, 0]), (2, [1, 1]), (3, [2, 1]), (8, [4, 2, 1, 1]), (512, [256, 128, 64])])
    func `one caller has half of the connections, and the next half of what is left`(connections: Int, parts: [Int]) {
        let shares = Shares(connections: connections)
        for (number, part) in parts.enumerated() {
            let caller = "192.0.2.\(number)"
            for _ in 0..<part { #expect(shares.take(.waiting, caller)) }
            #expect(!shares.take(.waiting, caller))
            #expect(!shares.take(.sending, caller))
        }
        shares.giveBack(.waiting, "192.0.2.0")
        #expect(shares.take(.waiting, "203.0.113.1"))
    }

    @Test func `bodies that are still to come have half together, and one caller half of that`() {
        let shares = Shares(connections: 8)
        for (caller, part) in [("192.0.2.1", 2), ("192.0.2.2", 1)] {
            for _ in 0..<part { #expect(shares.take(.sending, caller)) }
            #expect(!shares.take(.sending, caller))
            #expect(shares.take(.waiting, caller))
        }
        #expect(shares.take(.sending, "192.0.2.3"))
        #expect(!shares.take(.sending, "192.0.2.4"))
        #expect(shares.take(.waiting, "192.0.2.4"))
        shares.bodyCame("192.0.2.1")
        #expect(!shares.take(.waiting, "192.0.2.1"))
        shares.giveBack(.waiting, "192.0.2.4")
        #expect(shares.take(.sending, "192.0.2.4"))
    }

    @Test func `who has no name may have all that is free`() {
        let shares = Shares(connections: 4)
        for _ in 0..<2 { #expect(shares.take(.sending, "")) }
        #expect(!shares.take(.sending, ""))
        for _ in 0..<2 { #expect(shares.take(.waiting, "")) }
        #expect(!shares.take(.waiting, ""))
    }

    @Test func `nothing is left when all is given back`() {
        let shares = Shares(connections: 4)
        for (part, caller) in [(.sending, "192.0.2.1"), (.sending, ""), (.waiting, "192.0.2.2")] as [(ConnectionShares.Part, String)] {
            #expect(shares.take(part, caller))
        }
        shares.bodyCame("192.0.2.1")
        #expect(!shares.isEmpty)
        shares.giveBack(.waiting, "192.0.2.1")
        shares.giveBack(.sending, "")
        shares.giveBack(.waiting, "192.0.2.2")
        #expect(shares.isEmpty)
    }
}
