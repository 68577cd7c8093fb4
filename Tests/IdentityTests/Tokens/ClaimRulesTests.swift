import Identity
import Testing

@Suite struct ClaimRulesTests {
    let now = Instant(seconds: 1_800_000_000)
    let rules = ClaimRules(
        leeway: .seconds(30), maximumLifetime: .seconds(3600), required: [.init("sub", .stringOrInteger), .init("scp", .string)])

    @Test(
        arguments: [
            (#"{"sub":"1","scp":"user","exp":1800003600}"#, nil),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":1800000000,"nbf":1800000000}"#, nil),
            // Within the leeway.
            (#"{"sub":1,"scp":"user","exp":1799999971}"#, nil),
            (#"{"sub":1,"scp":"user","exp":1800003630,"iat":1800000030,"nbf":1800000030}"#, nil),
            // Past it.
            (#"{"sub":1,"scp":"user","exp":1799999970}"#, .expired),
            (#"{"sub":1,"scp":"user","exp":0}"#, .expired),
            (#"{"sub":1,"scp":"user","exp":-1}"#, .expired),
            (#"{"sub":1,"scp":"user","exp":-9223372036854775808}"#, .expired),
            (#"{"sub":1,"scp":"user","exp":1800003631}"#, .tooFarAhead),
            (#"{"sub":1,"scp":"user","exp":9223372036854775807}"#, .tooFarAhead),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":1800000031}"#, .notYetValid),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":1800000031}"#, .notYetValid),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":9223372036854775807}"#, .notYetValid),
            // Not a plain integer.
            (#"{"sub":1,"scp":"user","exp":1e300}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":18e8}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":1800000060.5}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":1800000060.0}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":"1800000060"}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":9223372036854775808}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":null}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":[1800000060]}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":true}"#, .wrongType("exp")),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":"now"}"#, .wrongType("iat")),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":1.5}"#, .wrongType("nbf")),
            (#"{"sub":1,"scp":"user"}"#, .missing("exp")),
            // Expired is told only when the other times hold.
            (#"{"sub":1,"scp":"user","exp":1,"iat":1800009999}"#, .notYetValid),
            ("[]", .missing("exp")),
        ] as [(String, ClaimFault?)])
    func `T9 exp is required, a plain integer and near, and nothing is from the future`(claims: String, expected: ClaimFault?) throws {
        let claims = try JSONReader.read(Array(claims.utf8))
        do throws(ClaimFault) {
            try rules.check(claims, now: now)
            #expect(expected == nil)
        } catch {
            #expect(error == expected)
        }
    }

    @Test(
        arguments: [
            (#"{"sub":1,"scp":"user","exp":1}"#, nil),
            (#"{"sub":"1","scp":"","exp":1800000060}"#, nil),
            (#"{"scp":"user"}"#, .missing("sub")),
            (#"{"sub":1,"exp":1800000060}"#, .missing("scp")),
            (#"{"sub":true,"scp":"user"}"#, .wrongType("sub")),
            (#"{"sub":1.5,"scp":"user"}"#, .wrongType("sub")),
            (#"{"sub":null,"scp":"user"}"#, .wrongType("sub")),
            (#"{"sub":1,"scp":["user"]}"#, .wrongType("scp")),
            (#"{"sub":1,"scp":null}"#, .wrongType("scp")),
            ("[]", .missing("sub")),
        ] as [(String, ClaimFault?)])
    func `a required claim is there, is not null and is of its kind`(claims: String, expected: ClaimFault?) throws {
        let claims = try JSONReader.read(Array(claims.utf8))
        do throws(ClaimFault) {
            try rules.checkRequired(claims)
            #expect(expected == nil)
        } catch {
            #expect(error == expected)
        }
    }

    @Test func `T9 without leeway a token dies with the microsecond of its exp`() throws {
        let rules = ClaimRules(leeway: .zero, maximumLifetime: .seconds(60))
        let claims = Value.object([.init("exp", .int(1_800_000_000))])
        try rules.check(claims, now: now - .microseconds(1))
        #expect(throws: ClaimFault.expired) { try rules.check(claims, now: now) }
        #expect(throws: ClaimFault.tooFarAhead) { try rules.check(claims, now: now - .seconds(60) - .microseconds(1)) }
        try rules.check(claims, now: now - .seconds(60))
    }
}
