import Identity
import Testing

@testable import DialectEngine

/// Tokens that the right key signed and that still are not right, in the words of each contract.
struct TokenWordingTests {
    private static let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)

    /// What a frontend of the dialect answers a caller with these claims, as far as it differs from what is expected.
    private static func mismatches(
        _ dialect: String, _ request: String, claims: String, header: String, answer: String
    ) async throws -> [TranscriptMismatch] {
        let stage = try Rehearsal(
            try DialectLoader.load(folder: "\(ShippedDialectTests.root)/Dialects/\(dialect)").get(), hasher: hasher)
        let token = try JWS.sign(
            headerJSON: Array(header.utf8), payloadJSON: Array(claims.utf8), key: stage.engine.frontend.keys().current)
        let text = request.contains("TOKEN") ? request.replacing("TOKEN", with: token) : "\(request)\nAuthorization: Bearer \(token)"
        return await stage.play(try TranscriptFile("\(text)\n\n=> 401\n\n\(answer)\n")).mismatches
    }

    private static let hs256 = #"{"alg":"HS256","typ":"JWT"}"#

    private static let xpay =
        #"{"success":false,"message":"Token format is invalid","error":{"code":"invalid_token","message":"Token format is invalid"},"error_code":"invalid_token"}"#

    @Test(arguments: [
        #""email":null,"role":"developer","iat":1767261600,"exp":1767265200"#,
        #""email":["a@b.c"],"role":"developer","iat":1767261600,"exp":1767265200"#,
        #""role":"developer","iat":1767261600,"exp":1767265200"#,
        #""email":"a@b.c","role":1,"iat":1767261600,"exp":1767265200"#,
        #""email":"a@b.c","role":"developer","iat":null,"exp":1767265200"#,
        #""email":"a@b.c","role":"developer","iat":"1767261600","exp":1767265200"#,
        #""email":"a@b.c","role":"developer","exp":1767265200"#,
        #""email":"a@b.c","role":"developer","iat":1767261600"#,
    ])
    func `xpay: a claim that is missing or of another type is invalid_token`(claims: String) async throws {
        let mismatches = try await Self.mismatches(
            "xpay", "GET /v1/developer/profile", claims: #"{"sub":"019b7932-2a00-7000-8000-000000000001",\#(claims)}"#, header: Self.hs256,
            answer: Self.xpay)
        #expect(mismatches.isEmpty, "\(mismatches)")
    }

    @Test(arguments: [
        ("GET /api/get-profile", #""iat":1767261600,"exp":1767265200"#, "Unauthorized - Invalid token type"),
        ("GET /api/get-profile", #""iat":1767261600,"exp":1767265200,"type":null"#, "Unauthorized - Invalid token type"),
        ("GET /api/get-profile", #""iat":1767261600,"exp":1767265200,"type":"refresh""#, "Unauthorized - Invalid token type"),
        (
            "GET /api/get-profile", #""iat":1767261600,"exp":1767261600"#, "Unauthorized - Invalid or expired token: Expired token"
        ),
        (
            "POST /api/auth/refresh-token\nContent-Type: application/json\n\n{\"refresh_token\":\"TOKEN\"}",
            #""iat":1767261600,"exp":1767265200,"type":"refresh","jti":null"#, "Invalid or expired token: Syntax error, malformed JSON"
        ),
    ])
    func `rsa-jwt: the type is told after the end, and no text is new`(request: String, claims: String, message: String) async throws {
        let mismatches = try await Self.mismatches(
            "rsa-jwt", request, claims: #"{"sub":"019b7932-2a00-7000-8000-000000000001",\#(claims)}"#,
            header: #"{"typ":"JWT","alg":"RS256"}"#, answer: #"{"success":false,"message":"\#(message)"}"#)
        #expect(mismatches.isEmpty, "\(mismatches)")
    }

    @Test(arguments: [
        ("/api/auth/me", #"{"userId":"cmk0000000000000000000001","iat":1767261600}"#, "Invalid or expired token"),
        ("/api/auth/me", #"{"iat":1767261600}"#, "Invalid or expired token"),
        ("/api/auth/me", #"{"userId":"cmk0000000000000000000001","exp":null}"#, "Invalid or expired token"),
        ("/api/auth/me", #"{"iat":1767261600,"exp":1767265200}"#, "Invalid token payload"),
        ("/api/auth/me", #"{"userId":null,"exp":1767265200}"#, "Invalid token payload"),
        ("/api/auth/me", #"{"userId":7,"exp":1767265200}"#, "Invalid token payload"),
        ("/api/auth/me", #"{"exp":1767261600}"#, "Invalid or expired token"),
        ("/api/agents", #"{"userId":"cmk0000000000000000000001"}"#, nil),
        ("/api/agents", #"{"exp":1767265200}"#, nil),
    ])
    func `aethermind: without an end a token is invalid, without userId its payload is`(
        path: String, claims: String, message: String?
    ) async throws {
        let answer = message.map { #"{"error":"Unauthorized","message":"\#($0)"}"# } ?? #"{"error":"Invalid token"}"#
        let mismatches = try await Self.mismatches("aethermind", "GET \(path)", claims: claims, header: Self.hs256, answer: answer)
        #expect(mismatches.isEmpty, "\(mismatches)")
    }

    @Test(arguments: ["iss", "iat", "exp", "nbf", "jti", "sub"])
    func `servitech: each of six claims is required, of its type, and in Spanish nothing else is said`(name: String) async throws {
        let claims = [
            ("iss", #""http://x/auth/login""#), ("iat", "1767261600"), ("exp", "1767265200"), ("nbf", "1767261600"),
            ("jti", #""abcdefghABCDEFGH""#), ("sub", #""1""#),
        ]
        for wrong in [nil, "null", "true", "[1]"] {
            let written = claims.compactMap { claim in
                claim.0 == name ? wrong.map { "\"\(name)\":\($0)" } : "\"\(claim.0)\":\(claim.1)"
            }
            let mismatches = try await Self.mismatches(
                "servitech", "GET /es/user/profile", claims: "{" + written.joined(separator: ",") + "}",
                header: #"{"typ":"JWT","alg":"HS256"}"#, answer: #"{"status":401,"message":"Unauthenticated.","errors":{}}"#)
            #expect(mismatches.isEmpty, "\(mismatches)")
        }
    }

    @Test(arguments: [
        ("xpay", Duration.seconds(60)), ("rsa-jwt", .zero), ("aethermind", .seconds(60)), ("servitech", .zero), ("devise", .zero),
    ])
    func `a dialect's tokens have the leeway of its contract`(dialect: String, leeway: Duration) throws {
        let dialect = try DialectLoader.load(folder: "\(ShippedDialectTests.root)/Dialects/\(dialect)").get()
        #expect(dialect.access.leeway == leeway)
        #expect(dialect.refresh.map { $0.leeway == leeway } ?? true)
    }

    @Test(arguments: [
        #"{"exp":1767265200}"#, #"{"sub":"1"}"#, #"{"sub":null,"exp":1767265200}"#, #"{"sub":true,"exp":1767265200}"#,
        #"{"sub":"1","scp":"admin","exp":1767265200}"#, #"{"sub":"1","scp":null,"exp":1767265200}"#,
    ])
    func `devise: exp and sub are required, scp is user where it stands`(claims: String) async throws {
        let mismatches = try await Self.mismatches(
            "devise", "GET /users/current_user", claims: claims, header: #"{"alg":"HS256"}"#,
            answer: #"{"status":{"code":401,"message":"No active session found."}}"#)
        #expect(mismatches.isEmpty, "\(mismatches)")
    }
}
