import Identity
import Testing

@Suite struct ClaimRulesTests {
    let now = Instant(seconds: 1_800_000_000)
    let rules = ClaimRules(
        leeway: .seconds(30), maximumLifetime: .seconds(3600), required: [.init("sub", .stringOrInteger), .init("scp", .string)])

    enum Verdict: Sendable, Hashable {
        case good, far, over
        case fault(ClaimFault)
    }

    @Test(
        arguments: [
            (#"{"sub":"1","scp":"user","exp":1800003600}"#, .good),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":1800000000,"nbf":1800000000}"#, .good),
            // Within the leeway.
            (#"{"sub":1,"scp":"user","exp":1800003630,"iat":1800000030,"nbf":1800000030}"#, .good),
            // No leeway for its end.
            (#"{"sub":1,"scp":"user","exp":1800000000}"#, .over),
            (#"{"sub":1,"scp":"user","exp":0}"#, .over),
            (#"{"sub":1,"scp":"user","exp":-1}"#, .over),
            (#"{"sub":1,"scp":"user","exp":-9223372036854775808}"#, .over),
            (#"{"sub":1,"scp":"user","exp":1800003631}"#, .far),
            (#"{"sub":1,"scp":"user","exp":9223372036854775807}"#, .far),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":1800000031}"#, .fault(.notYetValid)),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":1800000031}"#, .fault(.notYetValid)),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":9223372036854775807}"#, .fault(.notYetValid)),
            // Not a plain integer.
            (#"{"sub":1,"scp":"user","exp":1e300}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":18e8}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":1800000060.5}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":1800000060.0}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":"1800000060"}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":9223372036854775808}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":null}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":[1800000060]}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":true}"#, .fault(.wrongType("exp"))),
            (#"{"sub":1,"scp":"user","exp":1800000060,"iat":"now"}"#, .fault(.wrongType("iat"))),
            (#"{"sub":1,"scp":"user","exp":1800000060,"nbf":1.5}"#, .fault(.wrongType("nbf"))),
            (#"{"sub":1,"scp":"user"}"#, .fault(.missing("exp"))),
            // Its end is told only when the other times hold.
            (#"{"sub":1,"scp":"user","exp":1,"iat":1800009999}"#, .fault(.notYetValid)),
            ("[]", .fault(.missing("exp"))),
        ] as [(String, Verdict)])
    func `T9 exp is required, a plain integer and near, and nothing is from the future`(claims: String, expected: Verdict) throws {
        let claims = try JSONReader.read(Array(claims.utf8))
        do throws(ClaimFault) {
            let times = try rules.times(claims, now: now)
            #expect(expected == (rules.isTooFarAhead(times, at: now) ? .far : times.expiresAt > now ? .good : .over))
        } catch {
            #expect(expected == .fault(error))
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

    @Test func `no number of seconds is too large to be read`() throws {
        for seconds in [Int64.min, .max] {
            let claims = Value.object([.init("exp", .int(seconds)), .init("iat", .int(.min))])
            let times = try rules.times(claims, now: now)
            #expect(rules.isTooFarAhead(times, at: now) == (seconds > 0))
            #expect(times.issuedAt.map { $0 + .seconds(86_400) < now } == true)
        }
    }
}
