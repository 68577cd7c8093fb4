import Identity
import Testing

struct AccountIDCodecTests {
    static let codecs: [AccountIDCodec] = [
        .uuid, .serial, .cuid, .prefixed("user_", .uuid), .prefixed("u", .serial), .prefixed("c", .cuid),
        .prefixed("a", .prefixed("b", .cuid)),
    ]

    static func account(_ id: AccountID, serial: Int64 = 7) -> Account {
        Account(id: id, realm: "r", serial: serial, email: "a@example.com", role: "user", createdAt: Instant(seconds: 0))
    }

    static func id(milliseconds: Int64, random: some Sequence<UInt8>) -> AccountID {
        AccountID(now: Instant(microseconds: milliseconds * 1000), random: Array(random))
    }

    /// Times at all edges with random bits at theirs and some between.
    static let ids: [AccountID] = {
        var generator = SystemRandomNumberGenerator()
        let times: [Int64] = [0, 1, 35, 36, 1_767_225_600_000, 2_821_109_907_455, 2_821_109_907_456, 4_102_444_800_000, (1 << 48) - 1]
        return times.flatMap { time in
            [Array(repeating: 0, count: 10), Array(repeating: 255, count: 10)].map { id(milliseconds: time, random: $0) }
                + (0..<20).map { _ in id(milliseconds: time, random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &generator) }) }
        }
    }()

    @Test(arguments: codecs)
    func `every id comes back from its written form`(_ codec: AccountIDCodec) {
        for id in Self.ids + [AccountID(high: 0x0123_4567_89AB_4DEF, low: 0x8123_4567_89AB_CDEF), AccountID(high: 0, low: 0)] {
            for serial: Int64 in [1, 10, .max] {
                let account = Self.account(id, serial: serial)
                let reference = codec.decode(codec.encode(account))
                #expect(reference == .id(id) || reference == .serial(serial), "\(codec.encode(account))")
            }
        }
    }

    @Test func `the forms look as documented`() {
        let account = Self.account(Self.id(milliseconds: 1_767_225_600_000, random: repeatElement(255, count: 10)))
        #expect(AccountIDCodec.uuid.encode(account) == .string("019b76da-a800-7fff-bfff-ffffffffffff"))
        #expect(AccountIDCodec.serial.encode(account) == .int(7))
        #expect(AccountIDCodec.prefixed("user_", .serial).encode(account) == .string("user_7"))
        let zero = Self.account(Self.id(milliseconds: 1_767_225_600_000, random: repeatElement(0, count: 10)))
        #expect(AccountIDCodec.cuid.encode(zero) == .string("c" + String(1_767_225_600_000, radix: 36) + "0000000000000000"))
    }

    @Test func `a cuid is c and 24 lower-case digits of base 36`() throws {
        for id in Self.ids {
            let text = try #require(AccountIDCodec.cuid.encode(Self.account(id)).string)
            #expect(try LinearPattern("^c[a-z0-9]{24}$").matches(text))
        }
    }

    @Test func `cuids sort as the ids do`() {
        let early = Self.ids.filter { $0.high >> 16 < 2_821_109_907_456 }
        let byID = early.sorted().map { AccountIDCodec.cuid.encode(Self.account($0)).string ?? "" }
        #expect(byID == byID.sorted())
    }

    @Test(
        arguments: [
            (AccountIDCodec.serial, Value.string("7"), AccountReference?.some(.serial(7))),
            (.serial, .int(7), .serial(7)),
            (.serial, .string("07"), nil), (.serial, .string("+7"), nil), (.serial, .string("-7"), nil), (.serial, .string("0"), nil),
            (.serial, .string(" 7"), nil), (.serial, .string(""), nil), (.serial, .string("7.0"), nil), (.serial, .string("٧"), nil),
            (.serial, .string("9223372036854775808"), nil), (.serial, .int(0), nil), (.serial, .int(-1), nil),
            (.serial, .number("7.0"), nil),
            (.serial, .null, nil), (.serial, .list([.int(7)]), nil),
            (.uuid, .string("0"), nil), (.uuid, .int(7), nil), (.uuid, .string("019b76daa8007fffbfffffffffffffff"), nil),
            (.cuid, .string("019b76da-a800-7fff-bfff-ffffffffffff"), nil),
            (
                .cuid, .string("019b76da-a800-4fff-bfff-ffffffffffff"),
                .id(AccountID(high: 0x019b_76da_a800_4fff, low: 0xbfff_ffff_ffff_ffff))
            ),
            (.cuid, .string("c"), nil), (.cuid, .string("d00000000" + String(repeating: "0", count: 16)), nil),
            (.cuid, .string("c0000000A" + String(repeating: "0", count: 16)), nil),
            (.cuid, .string("czzzzzzzz" + String(repeating: "z", count: 16)), nil),
            (.cuid, .string("c00000000" + String(repeating: "0", count: 17)), nil),
            (.prefixed("user_", .serial), .string("user_7"), .serial(7)), (.prefixed("user_", .serial), .string("7"), nil),
            (.prefixed("user_", .serial), .int(7), nil), (.prefixed("user_", .serial), .string("User_7"), nil),
            (.prefixed("user_", .serial), .string("user_user_7"), nil),
        ] as [(AccountIDCodec, Value, AccountReference?)])
    func `a value is read only in its canonical form`(codec: AccountIDCodec, value: Value, reference: AccountReference?) {
        #expect(codec.decode(value) == reference)
    }
}
