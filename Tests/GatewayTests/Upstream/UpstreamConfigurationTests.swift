import DialectEngine
import Identity
import Testing

@testable import Gateway

@Suite struct UpstreamConfigurationTests {
    private func read(_ upstreams: String) -> (upstreams: [String: UpstreamSettings], report: DiagnosticReport) {
        let text = """
            profile: development
            frontends:
              a:
                dialect: pocket
                listen: 127.0.0.1:1
                upstreams: \(upstreams)
            """
        let (configuration, report) = ConfigurationReader.read(text, file: "config.yaml", environment: [:])
        return (configuration?.frontends.first?.upstreams ?? [:], report)
    }

    @Test func `an upstream is an address, a list of them, or a map`() throws {
        let (upstreams, report) = read(
            """
            { one: "http://127.0.0.1:9300", two: ["http://A.example", "http://[::1]:81/"],
              three: { url: ["http://a:1", "http://b:2"], connect-timeout: 1s, answer-timeout: 2m, idle-timeout: 3s, stream-timeout: 2h,
                preserve-host: true, internal-token: true, connections: 8 },
              four: { url: "http://127.0.0.1:9300" } }
            """)
        #expect(report.errors.isEmpty)
        #expect(upstreams["one"]?.addresses.map(\.description) == ["127.0.0.1:9300"])
        #expect(upstreams["two"]?.addresses.map(\.description) == ["a.example:80", "[::1]:81"])
        #expect(upstreams["four"] == upstreams["one"])
        let three = try #require(upstreams["three"])
        #expect(three.addresses.map(\.description) == ["a:1", "b:2"])
        #expect(three.connectTimeout == .seconds(1))
        #expect(three.answerTimeout == .seconds(120))
        #expect(three.idleTimeout == .seconds(3))
        #expect(three.streamTimeout == .seconds(7200))
        #expect(three.preservesHost)
        #expect(three.hasInternalToken)
        #expect(three.connections == 8)
    }

    @Test func `what the schema says is the default is the default`() {
        let settings = UpstreamSettings(addresses: [])
        let told: [String: Duration] = [
            "connect-timeout": settings.connectTimeout, "answer-timeout": settings.answerTimeout, "idle-timeout": settings.idleTimeout,
            "stream-timeout": settings.streamTimeout,
        ]
        for (name, duration) in told {
            guard case .standard(let text) = ConfigurationSchema.upstream.key(name)?.need else { continue }
            #expect(Scalars.duration(text) == duration, "\(name)")
        }
        #expect(settings.connections == 512)
        #expect(!settings.preservesHost)
        #expect(!settings.hasInternalToken)
    }

    @Test func `a guard whose upstream is not given is warned of, both by name`() throws {
        let text = """
            profile: development
            dialects: \(TestFolder.packageRoot)/Dialects
            frontends: { shop: { dialect: devise, listen: "127.0.0.1:1" } }
            """
        let configuration = try #require(ConfigurationReader.read(text, file: "config.yaml", environment: [:]).configuration)
        let (plan, report) = Planner.plan(configuration)
        #expect(plan != nil)
        let warning = try #require(report.warnings.first { $0.message.contains("upstream") })
        #expect(warning.message.contains("`app`"))
        #expect(warning.message.contains("/api/v1/**"))
    }

    @Test func `the JSON Schema knows all three forms`() {
        let text = String(decoding: JSONWriter.document(ConfigurationSchema.jsonSchema()), as: UTF8.self)
        #expect(text.contains("\"preserve-host\""))
        #expect(text.contains("\"anyOf\""))
    }
}
