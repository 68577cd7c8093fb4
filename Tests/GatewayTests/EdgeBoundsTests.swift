import Testing

@testable import Gateway

@Suite struct EdgeBoundsTests {
    @Test func `one client holds no more than its share of connections, and this machine speaks for many`() throws {
        let clients = ClientAddresses(trusted: [try #require(AddressRange("10.0.0.0/8"))])
        let peers = PeerCounts(connections: 4, clients: clients)
        let first = try #require(peers.admit("192.0.2.1"))
        #expect(peers.admit("192.0.2.1") != nil && peers.admit("192.0.2.1") == nil)
        peers.left(first)
        #expect(peers.admit("192.0.2.1") != nil)
        // An IPv6 client has a whole /64 to itself.
        #expect(peers.admit("2001:db8::1") != nil && peers.admit("2001:db8::2") == nil)
        let others = PeerCounts(connections: 16, clients: clients)
        for address in ["127.0.0.1", "::1", "10.1.1.1"] {
            for _ in 0..<5 { #expect(others.admit(address) != nil) }
        }
    }

    @Test func `two clients together leave room for a third`() {
        let peers = PeerCounts(connections: 12, clients: ClientAddresses(trusted: []))
        var held = [0, 0]
        for _ in 0..<12 {
            for (index, address) in ["192.0.2.1", "2001:db8::1"].enumerated() where peers.admit(address) != nil { held[index] += 1 }
        }
        #expect(held == [4, 4])
        #expect(peers.admit("192.0.2.3") != nil)
    }

    @Test func `no one caller holds what memory there is for bodies`() {
        let budget = BodyBudget(limit: 1000)
        let first = BodyBudget.Share(budget, of: "192.0.2.1")
        for _ in 0..<5 { #expect(first.grow(by: 100)) }
        #expect(!first.grow(by: 1))
        do {
            let second = BodyBudget.Share(budget, of: "192.0.2.1")
            #expect(!second.grow(by: 1))
            let other = BodyBudget.Share(budget, of: "192.0.2.2")
            #expect(other.grow(by: 250) && !other.grow(by: 1))
            let machine = BodyBudget.Share(budget, of: "")
            #expect(machine.grow(by: 250) && !machine.grow(by: 1))
        }
        let next = BodyBudget.Share(budget, of: "192.0.2.2")
        #expect(next.grow(by: 250))
        withExtendedLifetime(first) {}
    }

    @Test func `bodies of all connections together have a bound, and whoever comes too late is told to come back`() async throws {
        var limits = EdgeLimits()
        limits.heldBytes = 1000
        try await TestGateway.with(limits: limits) { gateway, _ async throws -> Void in
            let head = "POST /login HTTP/1.1\r\nHost: pocket.test\r\nContent-Length: 900\r\n\r\n"
            let large = String(repeating: "[", count: 400)
            var status = 0
            var holders: [RawConnection] = []
            // A holder may itself come too late: then the next one holds.
            for _ in 0..<50 where status != 503 {
                let holder = try await RawConnection.open(gateway.port)
                try await holder.send(head + String(repeating: "a", count: 800))
                holders.append(holder)
                for _ in 0..<20 where status != 503 { status = try await gateway.send("POST", "/login", large).status }
            }
            #expect(status == 503)
            for holder in holders { await holder.close() }
            for _ in 0..<1000 where status == 503 { status = try await gateway.send("POST", "/login", large).status }
            #expect(status == 400)
        }
    }
}
