import DialectEngine
import Identity
import Testing

struct DiagnosticTests {
    private let diagnostic = Diagnostic(
        .error, Place(file: "a.yaml", line: 3, column: 4), "unknown key `trimm`", suggestion: "trim", known: ["trim", "root"],
        line: "\tx trimm: 1")

    @Test func `a terminal sees the place, the line with a caret, and help`() {
        #expect(
            diagnostic.rendered
                == "a.yaml:3:4: error: unknown key `trimm`\n    \tx trimm: 1\n    \t  ^\n  did you mean `trim`?\n  known: trim, root")
    }

    @Test func `a script sees one object`() {
        #expect(
            String(decoding: JSONWriter.document(DiagnosticReport([diagnostic]).value), as: UTF8.self)
                == #"[{"severity":"error","file":"a.yaml","line":3,"column":4,"message":"unknown key `trimm`","suggestion":"trim","known":["trim","root"]}]"#
        )
    }

    @Test func `a report is sorted by place, lines as numbers`() {
        let places = [(12, 1), (3, 9), (3, 10), (3, 1)].map { Place(file: "a", line: $0.0, column: $0.1) }
        let report = DiagnosticReport(places.map { Diagnostic(.warning, $0, "x") })
        #expect(report.diagnostics.map { "\($0.place.line):\($0.place.column)" } == ["3:1", "3:9", "3:10", "12:1"])
        #expect(report.errors.isEmpty && report.warnings.count == 4)
    }

    @Test func `every weakness is named at its place, and a dialect with weaknesses still loads`() throws {
        let dialect = try SmallDialect("", settings: ["existence": "reveal"]).loaded()
        #expect(dialect.weaknesses == ["existence-revealed: registration tells which e-mails are taken (`existence: reveal`)"])
    }

    @Test func `a fault in one section hides none in another`() {
        let report = SmallDialect(
            "accept: { bodies: [xml] }\ntokens: { access: { lifetime: ever } }\nroutes:\n  - GET /me:\n      found: { say: nothing_such }\nguards:\n  - { paths: [x], allow: all }\ncors: { origins: [] }\n",
            texts: ["locales/en.yaml": "hello: '{nobody}'\n", "mail/reset.txt": "{secret}"]
        ).outcome.report
        let files = report.errors.map { "\($0.place.file):\($0.place.line)" }
        for place in [
            "dialect.yaml:3", "dialect.yaml:4", "dialect.yaml:7", "dialect.yaml:9", "dialect.yaml:10", "locales/en.yaml:1",
            "mail/reset.txt:1",
        ] {
            #expect(files.contains(place), "\(place)")
        }
    }
}
