import Identity
import Synchronization
import Testing

@testable import DialectEngine

struct TranscriptTests {
    /// Answers what it is told to, and remembers what it was asked.
    private final class Stand: Sendable {
        private let state: Mutex<State>
        private struct State {
            var answers: [WireResponse]
            var mails: [String: [TranscriptMail]]
            var asked: [WireRequest] = []
            var seen: [String] = []
        }

        init(_ answers: [WireResponse], mails: [String: [TranscriptMail]] = [:]) { state = Mutex(State(answers: answers, mails: mails)) }

        var asked: [WireRequest] { state.withLock { $0.asked } }
        var seen: [String] { state.withLock { $0.seen } }

        var player: TranscriptPlayer {
            TranscriptPlayer(
                answer: { request in
                    self.state.withLock {
                        $0.asked.append(request)
                        return $0.answers.isEmpty ? WireResponse(status: 500) : $0.answers.removeFirst()
                    }
                },
                nextMail: { address in
                    self.state.withLock { state in
                        guard let mail = state.mails[address]?.first else { return nil }
                        state.mails[address]?.removeFirst()
                        return mail
                    }
                },
                advance: { span in self.state.withLock { $0.seen.append("\(span)") } },
                operate: { act in
                    self.state.withLock { $0.seen.append("\(act.verb) \(act.arguments)") }
                    return act.verb == "fail" ? "cannot" : nil
                })
        }
    }

    private static let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiaWF0Ijo1fQ.c2ln"

    private static func json(_ status: Int, _ body: String, headers: [(name: String, value: String)] = []) -> WireResponse {
        WireResponse(status: status, headers: [("Content-Type", "application/json; charset=utf-8")] + headers, body: Array(body.utf8))
    }

    private static let conversation = ##"""
        # Sign in,
        # then see who it is.
        POST /users/sign_in?a=b
        Content-Type: application/json

        {"email":"ana@example.com"}

        => 200
        content-type: application/json; charset=utf-8
        Authorization: Bearer {{access: eyJ…}}

        {"token":"{{access: eyJhbGciOiJIUzI1NiJ9.…}}","id":1}

        token access
        {"alg":"HS256"}
        {"sub":"1","iat":{{iat:}}}

        clock +1h30m
        operator suspend ana@example.com

        from 203.0.113.9
        GET /me/{{iat}}
        Authorization: Bearer {{access}}

        => 204

        mail ana@example.com
        Subject: Your {{word:}}

        Hello
        \# no comment
        https://a.example/?token={{link:}}&x=y

        no mail ana@example.com

        """##

    private func stand(id: Int = 1) -> Stand {
        Stand(
            [
                Self.json(200, #"{"token":"\#(Self.token)","id":\#(id)}"#, headers: [("Authorization", "Bearer \(Self.token)")]),
                WireResponse(status: 204),
            ],
            mails: [
                "ana@example.com": [
                    TranscriptMail(subject: "Your link", text: "Hello\n# no comment\nhttps://a.example/?token=abc123&x=y\n")
                ]
            ])
    }

    @Test func `a conversation is played, its captures used`() async throws {
        let stand = stand()
        let file = try TranscriptFile(Self.conversation)
        #expect(file.text == Self.conversation)
        let report = await stand.player.play(file)
        #expect(report.mismatches == [])
        #expect(report.exchanges == 2)
        #expect(report.recorded == Self.conversation)
        let first = try #require(stand.asked.first)
        #expect(first.path == "/users/sign_in")
        #expect(first.query == "a=b")
        #expect(first.value("content-type") == "application/json")
        #expect(String(decoding: first.body, as: UTF8.self) == #"{"email":"ana@example.com"}"#)
        let second = try #require(stand.asked.last)
        #expect(second.path == "/me/5")
        #expect(second.value("authorization") == "Bearer \(Self.token)")
        #expect(second.address == "203.0.113.9")
        #expect(stand.seen == ["5400.0 seconds", #"suspend ["ana@example.com"]"#])
    }

    @Test func `what differs is told by line and part`() async throws {
        let stand = Stand([Self.json(201, #"{"token":"x","id":1}"#)])
        let report = await stand.player.play(try TranscriptFile(Self.conversation))
        let told = report.mismatches.map { "\($0.line) \($0.part)" }
        #expect(
            told == [
                "8 status", "8 Authorization", "8 body", "14 token", "22 capture", "22 capture", "25 status", "27 mail",
            ])
    }

    @Test func `recording keeps the words and the captures, and is stable`() async throws {
        let report = await stand(id: 2).player.play(try TranscriptFile(Self.conversation), recording: true)
        #expect(report.mismatches == [])
        #expect(report.recorded == Self.conversation.replacing(#""id":1}"#, with: #""id":2}"#))
        let again = await stand(id: 2).player.play(try TranscriptFile(report.recorded))
        #expect(again.mismatches == [])
    }

    @Test func `a bare conversation gets its answers and captures`() async throws {
        let bare = """
            POST /users/sign_in

            GET /me
            Authorization: Bearer {{token}}

            # then
            mail ana@example.com

            token token

            """
        let report = await stand().player.play(try TranscriptFile(bare), recording: true)
        #expect(report.mismatches == [])
        #expect(
            report.recorded == ##"""
                POST /users/sign_in

                => 200
                Content-Type: application/json; charset=utf-8

                {"token":"{{token: eyJhbGciOiJIUzI1NiJ9.…}}","id":1}

                GET /me
                Authorization: Bearer {{token}}

                => 204

                # then
                mail ana@example.com
                Subject: Your link

                Hello
                \# no comment
                https://a.example/?token=abc123&x=y

                token token
                {"alg":"HS256"}
                {"sub":"1","iat":5}

                """##)
        let again = await stand().player.play(try TranscriptFile(report.recorded))
        #expect(again.mismatches == [])
    }

    @Test func `a body that ends with a line break, or holds what looks like a head, is written so that it reads back`() async throws {
        let body = "<p>\n\nGET /x\n\\a\n</p>\n"
        let stand = { Stand([WireResponse(status: 200, body: Array(body.utf8))]) }
        let report = await stand().player.play(try TranscriptFile("GET /\n"), recording: true)
        #expect(report.recorded == "GET /\n\n=> 200\n\n<p>\n\n\\GET /x\n\\\\a\n</p>\n\\\n\n")
        #expect(await stand().player.play(try TranscriptFile(report.recorded)).mismatches == [])
    }

    @Test func `a multipart body goes out with CRLF`() async throws {
        let stand = Stand([WireResponse(status: 200)])
        let text = """
            POST /
            Content-Type: multipart/form-data; boundary=b

            --b
            Content-Disposition: form-data; name="email"
            \\
            a@b
            --b--

            => 200
            """
        #expect(await stand.player.play(try TranscriptFile(text)).mismatches == [])
        let body = try #require(stand.asked.first?.body)
        let form = try MultipartReader.read(body, boundary: "b")
        #expect(form.fields == .object([Value.Member("email", .string("a@b"))]))
    }

    @Test func `settings come first, and are those that the dialect is played with`() throws {
        let file = try TranscriptFile("# Hidden.\nsetting existence hide\nsetting access-lifetime 2h\n\nGET /\n")
        #expect(file.settings == ["existence": ChosenSetting("hide"), "access-lifetime": ChosenSetting("2h")])
        #expect(file.text == "# Hidden.\nsetting existence hide\nsetting access-lifetime 2h\n\nGET /\n")
        let fault = #expect(throws: TranscriptFault.self) { try TranscriptFile("GET /\n\nsetting existence hide\n") }
        #expect(fault?.line == 3)
    }

    @Test func `an operator's failure is a mismatch`() async throws {
        let report = await Stand([]).player.play(try TranscriptFile("operator fail now\n"))
        #expect(report.mismatches == [TranscriptMismatch(line: 1, part: "operator", expected: "fail", actual: "cannot")])
    }

    @Test(arguments: [
        ("hello", 1), ("\n\nhello", 3), ("clock soon", 1), ("# a\nb", 2), ("clock +1m\nx", 2), ("GET /\nno header", 2), ("token a\n{}", 1),
    ])
    func `what is no transcript is told by its line`(text: String, line: Int) {
        let fault = #expect(throws: TranscriptFault.self) { try TranscriptFile(text) }
        #expect(fault?.line == line)
    }

    @Test(
        arguments: [
            ("a{{x:}}c", "abbc", "bb"), ("{{x: b…}}", "bcd", "bcd"), ("{{x: b...}}", "cd", nil), ("{{x:}} {{x}}", "b b", "b"),
            ("{{x:}} {{x}}", "b c", nil),
            ("code {{x:}}.", "code 1.2.", "1.2"), ("{{x:}}", "", nil), ("{{x:}}", "a b", nil), ("{{ y }}{{x:}}", "{{ y }}a", "a"),
            ("{{1", "{{1", nil),
        ] as [(String, String, String?)])
    func `a hole captures what stands there`(pattern: String, text: String, expected: String?) {
        var captures: [String: String] = [:]
        let matches = TranscriptPattern(pattern).matches(text, captures: &captures)
        #expect(captures["x"] == expected)
        #expect(matches == (expected != nil || pattern == text))
    }
}
