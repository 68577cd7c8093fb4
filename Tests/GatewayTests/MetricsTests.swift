import DialectEngine
import FoundationEssentials
import Identity
import TestSupport
import Testing

@testable import Gateway

@Suite struct MetricsTests {
    private static func upstreams(_ url: String) -> String { TestGateway.pocket + "\n    upstreams: { app: \"\(url)\" }" }

    @Test func `the whole text is sound before anything was asked and after much was`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let answer = try await gateway.operatorAsks("/metrics")
            #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try MetricsReading(answer.body).families.map(\.name) == Metric.allCases.map(\.rawValue))
            let token = try await gateway.signIn()
            _ = try await gateway.send("GET", "/me", token: token)
            _ = try await gateway.send("GET", "/notes/1", token: token)
            _ = try await gateway.send("PUT", "/nowhere")
            _ = try await RawConnection.exchange(gateway.port, "what is this\r\n\r\n")
            for family in try await gateway.metrics().families {
                let metric = try #require(Metric(rawValue: family.name))
                #expect(family.type == metric.kind.rawValue && family.help == metric.help)
                for sample in family.samples {
                    #expect(sample.labels.map(\.name).filter { $0 != "le" } == metric.labels, "\(sample.name)")
                }
            }
        }
    }

    @Test func `the documented list of metrics is the written one`() throws {
        let page = try String(contentsOfFile: TestFolder.packageRoot + "/Sources/Gateway/Gateway.docc/Metrics.md", encoding: .utf8)
        let documented = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let written = Metric.allCases.map { metric in
            "| `\(metric.rawValue)` | \(metric.kind) | \(metric.labels.map { "`\($0)`" }.joined(separator: ", ")) | \(metric.help) |"
        }
        #expect(documented.map(String.init) == written.map { $0.replacing("|  |", with: "| |") })
    }

    @Test func `requests, failures and times are counted by route`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let before = try await gateway.metrics()
            #expect(before.value("dragoman_requests_total", ["frontend": "pocket", "route": "GET /me", "status": "200"]) == nil)
            let token = try await gateway.signIn()
            for _ in 0..<3 { #expect(try await gateway.send("GET", "/me", token: token).status == 200) }
            #expect(try await gateway.send("GET", "/me").status == 401)
            #expect(try await gateway.send("GET", "/nowhere").status == 404)
            let bad = #"{"email":"ann@example.com","password":"wrong horse 1"}"#
            #expect(try await gateway.send("POST", "/login", bad).status == 401)

            let after = try await gateway.metrics()
            func requests(_ route: String, _ status: String) -> Double? {
                after.value("dragoman_requests_total", ["frontend": "pocket", "route": route, "status": status])
            }
            func failures(_ route: String, _ kind: String) -> Double? {
                after.value("dragoman_failures_total", ["frontend": "pocket", "route": route, "kind": kind])
            }
            func events(_ event: String) -> Double? { after.value("dragoman_events_total", ["frontend": "pocket", "event": event]) }
            #expect(requests("GET /me", "200") == 3 && requests("GET /me", "401") == 1 && requests("-", "404") == 1)
            #expect(failures("GET /me", "no-credential") == 1 && failures("-", "not-found") == 1)
            #expect(failures("POST /login", "refused") == 1)
            #expect(after.value("dragoman_request_duration_seconds_count", ["frontend": "pocket", "route": "GET /me"]) == 4)
            let time = after.value("dragoman_request_duration_seconds_sum", ["frontend": "pocket", "route": "GET /me"])
            #expect(try #require(time) > 0)
            #expect(events("signed-in") == 1 && events("sign-in-failed") == 1 && events("registered") == 1)
            #expect(events("fault") == 0)
        }
    }

    @Test func `what is answered from memory is counted like anything else, and as a hit`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            let before = try await gateway.metrics()
            let connection = try await RawConnection.open(gateway.port)
            for _ in 0..<5 {
                try await connection.send("GET /me HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(token)\r\n\r\n")
                await connection.wait(for: "}")
            }
            let after = try await gateway.metrics()
            await connection.close()
            #expect(after.value("dragoman_requests_total", ["frontend": "pocket", "route": "GET /me", "status": "200"]) == 5)
            let hits = { (reading: MetricsReading) in reading.value("dragoman_memory_hits_total", ["memory": "heads"]) ?? -1 }
            let misses = { (reading: MetricsReading) in reading.value("dragoman_memory_misses_total", ["memory": "heads"]) ?? -1 }
            #expect(hits(after) - hits(before) == 4 && misses(after) - misses(before) == 1)
            #expect(try #require(after.value("dragoman_memory_misses_total", ["memory": "principals"])) == 1)
        }
    }

    @Test func `a caller who is known is a hit of the memory of principals`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            for number in 0..<4 { _ = try await gateway.send("GET", "/me", token: token, fields: ["X-Number: \(number)"]) }
            let after = try await gateway.metrics()
            #expect(after.value("dragoman_memory_hits_total", ["memory": "principals"]) == 3)
            #expect(after.value("dragoman_memory_misses_total", ["memory": "principals"]) == 1)
        }
    }

    @Test func `hashes, connections, mails and the process are told`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            _ = try await gateway.signIn()
            _ = try await gateway.send("POST", "/reset", #"{"email":"ann@example.com"}"#)
            let held = try await RawConnection.open(gateway.port)
            try await held.send("GET /me HTTP/1.1\r\nHost: pocket.test\r\n\r\n")
            await held.wait(for: "}")
            let reading = try await gateway.metrics()
            #expect(reading.value("dragoman_password_hashes_total") == 2)
            #expect(try #require(reading.value("dragoman_password_hash_seconds_total")) > 0)
            #expect(reading.value("dragoman_password_hashes_refused_total") == 0)
            #expect(reading.value("dragoman_password_hashes_running") == 0 && reading.value("dragoman_password_hashes_waiting") == 0)
            let listener = ["listener": "127.0.0.1:0"]
            #expect(try #require(reading.value("dragoman_connections_open", listener)) >= 1)
            #expect(reading.value("dragoman_connections_accepted_total", listener) == 4)
            #expect(reading.value("dragoman_connections_refused_total", listener) == 0)
            #expect(try #require(reading.value("dragoman_connections_limit", listener)) >= 8)
            #expect(reading.value("dragoman_store_up") == 1 && reading.value("dragoman_ready") == 1)
            #expect(try #require(reading.value("dragoman_store_ping_seconds")) > 0)
            #expect(reading.value("dragoman_outbox_mails", ["state": "failed"]) == 0)
            #expect(reading.value("dragoman_build_info", ["version": DragomanVersion.text]) == 1)
            #expect(try #require(reading.value("dragoman_process_start_time_seconds")) > 1_700_000_000)
            #expect(try #require(reading.value("dragoman_process_resident_memory_bytes")) > 1_000_000)
            #expect(try #require(reading.value("dragoman_process_open_descriptors")) > 5)
            #expect(try #require(reading.value("dragoman_process_cpu_seconds_total")) > 0)
            await held.close()
            // Each mail is sent, or waits still.
            var mails = 0.0
            while mails < 1 {
                let now = try await gateway.metrics()
                mails = now.value("dragoman_mails_sent_total") ?? 0
                let waiting = now.value("dragoman_outbox_mails", ["state": "waiting"]) ?? 0
                #expect(mails + waiting >= 1)
                #expect(now.value("dragoman_mails_failed_total") == 0)
            }
        }
    }

    @Test func `upstreams are told by name and address, and their faults by kind`() async throws {
        let upstream = try await HeadUpstream.start()
        try await TestGateway.with(Self.upstreams(upstream.url)) { gateway, _ async throws -> Void in
            let address = String(upstream.url.dropFirst(7))
            let token = try await gateway.signIn()
            let app = ["frontend": "pocket", "upstream": "app"]
            #expect(try await gateway.send("GET", "/notes/1", token: token).body == "ok")
            var reading = try await gateway.metrics()
            #expect(reading.value("dragoman_upstream_up", app.merging(["address": address]) { $1 }) == 1)
            #expect(reading.value("dragoman_upstream_connections_open", app) == 1)
            #expect(reading.value("dragoman_upstream_connections_idle", app) == 1)
            #expect(reading.value("dragoman_upstream_faults_total", app.merging(["kind": "unreachable"]) { $1 }) == 0)
            let route = try #require(
                reading.family("dragoman_requests_total")?.samples.first { sample in
                    sample.labels.contains { $0.value.hasPrefix("guard ") }
                })
            #expect(route.value == 1)

            try await upstream.stop()
            let gone = "unreachable"
            for number in 0..<8 { _ = try await gateway.send("GET", "/notes/\(number)", token: token) }
            #expect(gateway.lines.all.contains { $0.contains(" cause=upstream app: unreachable ") && $0.contains(" status=502") })
            reading = try await gateway.metrics()
            let faults = UpstreamFault.allCases.reduce(0) { sum, kind in
                sum + (reading.value("dragoman_upstream_faults_total", app.merging(["kind": kind.rawValue]) { $1 }) ?? 0)
            }
            #expect(faults >= 3)
            #expect(try #require(reading.value("dragoman_upstream_faults_total", app.merging(["kind": gone]) { $1 })) >= 3)
            #expect(reading.value("dragoman_upstream_up", app.merging(["address": address]) { $1 }) == 0)
            let guarded = reading.family("dragoman_failures_total")?.samples.filter { sample in
                sample.labels.contains { $0.value == gone }
            }
            #expect(guarded?.first?.value == faults)
        }
    }

    @Test func `counts go on after a reload`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            _ = try await gateway.send("GET", "/me")
            #expect(await gateway.assembly.reload().errors.isEmpty)
            _ = try await gateway.send("GET", "/me")
            let series = ["frontend": "pocket", "route": "GET /me", "status": "401"]
            #expect(try await gateway.metrics().value("dragoman_requests_total", series) == 2)
        }
    }

    @Test func `no path as it was asked for, no account and no client is in the text`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn("very.special@example.com")
            _ = try await gateway.send("GET", "/notes/secret-number-7", token: token)
            _ = try await gateway.send("GET", "/nowhere-at-all?token=abc", fields: ["X-Forwarded-For: 192.0.2.77"])
            _ = try await gateway.send("QUERY", "/strange-method")
            let text = try await gateway.operatorAsks("/metrics").body
            for word in ["secret-number", "nowhere", "special", "192.0.2", "QUERY", "token=", "strange"] { #expect(!text.contains(word)) }
        }
    }

    @Test func `a store that does not answer is told, and what only it knows is left out`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            await gateway.assembly.environment.store.close()
            let reading = try await gateway.metrics()
            #expect(reading.value("dragoman_store_up") == 0)
            #expect(reading.family("dragoman_store_ping_seconds")?.samples.isEmpty == true)
            #expect(reading.family("dragoman_outbox_mails")?.samples.isEmpty == true)
        }
    }

    @Test func `a hash that is refused is counted`() async throws {
        let hasher = PasswordHasher(cores: 1, waitingLimit: 1)
        await hasher.stop()
        let password = try #require(PasswordText("a password"))
        await #expect(throws: HashQueueFull.self) {
            try await hasher.verify(password, against: nil, scheme: PasswordScheme(cost: 4, variant: "2b"))
        }
        #expect(hasher.meter.reading.refused == 1 && hasher.meter.reading.done == 0 && hasher.meter.reading.time == .zero)
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.seconds(3), "3"), (.microseconds(100), "0.0001"), (.nanoseconds(1_500_000_001), "1.500000001"),
        (.milliseconds(10_010), "10.01"),
    ])
    func `seconds are written to the nanosecond`(span: Duration, text: String) {
        #expect(MetricsPage.seconds(span) == text)
    }

    @Test func `a label may hold anything`() throws {
        let odd = "a\\b\"c\nd{e}=,é"
        var page = MetricsPage()
        page.write(.outbox, [([odd], "1")])
        #expect(try MetricsReading(page.text).value("dragoman_outbox_mails", ["state": odd]) == 1)
    }

    @Test func `a time falls into the first bucket that holds it`() {
        let meter = RouteMeter(frontend: "a", route: "b")
        for bound in RouteMeter.bounds { meter.count(200, failure: nil, took: bound) }
        meter.count(500, failure: .internal, took: .seconds(11))
        meter.count(200, failure: nil, took: .zero)
        let reading = meter.reading
        #expect(reading.buckets == [2] + Array(repeating: 1, count: RouteMeter.bounds.count))
        #expect(reading.requests == RouteMeter.bounds.count + 2)
        #expect(reading.statuses.map(\.count) == [RouteMeter.bounds.count + 1, 1] && reading.failures.map(\.kind) == [.internal])
    }

    @Test(arguments: [
        "a 1", "# TYPE a counter\na_total 1", "# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total 1\n",
        "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a x\n# TYPE a gauge\nb 1\n", "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
        "# HELP a x\n# TYPE a gauge\na one\n", "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_sum 1\na_count 2\n",
        "# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\n",
    ])
    func `the reader of these tests is strict`(text: String) {
        #expect(throws: MetricsReading.Fault.self) { try MetricsReading(text) }
    }
}
