import Dispatch
import Glibc
import Identity
import Synchronization
import Testing

@Suite struct PasswordHasherTests {
    let hasher = PasswordHasher(cores: 2, waitingLimit: 64)
    let salt = [UInt8](0..<16)

    @Test func `a password matches its own hash and no other`() async throws {
        let scheme = cheapest
        let stored = try await hasher.hash(password("correct horse"), scheme: scheme, salt: salt)
        #expect(stored.hasPrefix("$2b$04$"))
        #expect(stored.count == 60)
        #expect(try await hasher.verify(password("correct horse"), against: stored, scheme: scheme) == PasswordMatch(matches: true))
        for other in ["", "correct hors", "correct horse ", "Correct horse", "correct\thorse"] {
            #expect(try await hasher.verify(password(other), against: stored, scheme: scheme) == PasswordMatch(matches: false), "\(other)")
        }
    }

    /// The first five are crypt_blowfish's own, the others were made by pyca/bcrypt.
    @Test(arguments: [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        (
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
        ),
        ("correct horse", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        ("pässwörd ☃", "$2b$04$abcdefghijklmnopqrstuu4SmA3hVMbWKmJVGcHRDZ6Y7bUU/SMZe"),
        (String(repeating: "p", count: 72), "$2b$04$abcdefghijklmnopqrstuuNt.0ah97gHY3F7JC1Z6EXmQc0bQBhIO"),
        (String(repeating: "p", count: 80), "$dragoman-long$2b$04$abcdefghijklmnopqrstuufGccEa5I0VPhxWQlqgb1SEZjWvpl8Vm"),
    ])
    func `known answers of bcrypt match under each of its three names`(text: String, stored: String) async throws {
        for name in ["$2a$", "$2b$", "$2y$"] {
            let renamed = stored.replacing("$2a$", with: name).replacing("$2b$", with: name)
            #expect(try await hasher.verify(password(text), against: renamed, scheme: cheapest).matches, "\(renamed)")
        }
        if text.utf8.count < 72 {
            #expect(try await !hasher.verify(password(text + "x"), against: stored, scheme: cheapest).matches)
        }
    }

    @Test(arguments: ["2a", "2b", "2y"])
    func `a hash is written under the name that the scheme chooses`(prefix: String) async throws {
        let scheme = PasswordScheme(cost: 5, variant: prefix)
        let stored = try await hasher.hash(password("tr0ub4dor"), scheme: scheme, salt: salt)
        #expect(stored.hasPrefix("$\(prefix)$05$"))
        #expect(try await hasher.verify(password("tr0ub4dor"), against: stored, scheme: scheme) == PasswordMatch(matches: true))
    }

    @Test func `P2 two passwords that share their first 72 bytes are never interchangeable`() async throws {
        let scheme = cheapest
        let stem = String(repeating: "correct horse ", count: 6).prefix(70)
        let endings = ["a", "aa", "aab", "aabb", "aa" + String(repeating: "z", count: 600)]
        let family = endings.map { String(stem) + $0 }
        for kept in family {
            let stored = try await hasher.hash(password(kept), scheme: scheme, salt: salt)
            #expect(stored.hasPrefix("$dragoman-long$2b$04$") == (kept.utf8.count >= 72))
            for tried in family {
                let match = try await hasher.verify(password(tried), against: stored, scheme: scheme)
                #expect(match == PasswordMatch(matches: tried == kept), "\(kept.utf8.count) kept, \(tried.utf8.count) tried")
            }
        }
    }

    @Test func `P2 an imported hash of a longer password matches as its old backend did and is renewed`() async throws {
        let scheme = cheapest
        let imported = "$2a$04$abcdefghijklmnopqrstuuNt.0ah97gHY3F7JC1Z6EXmQc0bQBhIO"
        for length in [72, 73, 511, 512, 5000] {
            let long = try password(String(repeating: "p", count: length))
            #expect(try await hasher.verify(long, against: imported, scheme: scheme) == PasswordMatch(matches: true, needsRehash: true))
        }
        let long = try password(String(repeating: "p", count: 100))
        let renewed = try await hasher.hash(long, scheme: scheme, salt: salt)
        #expect(renewed.hasPrefix("$dragoman-long$"))
        #expect(try await hasher.verify(long, against: renewed, scheme: scheme) == PasswordMatch(matches: true))
        #expect(try await !hasher.verify(password(String(repeating: "p", count: 72)), against: renewed, scheme: scheme).matches)
    }

    @Test func `P2 what the long-password scheme feeds to bcrypt is not itself a password`() async throws {
        // base64(SHA-384("p" * 80)): what a thief of an unsalted digest would hold.
        let inner = try password("+JNu0ewXzXOAyctjsVfweO/CjRLv+RB/3aZ1FpnbmRfPPsaGAR0utdWgraJ3TDAb")
        let marked = "$dragoman-long$2b$04$abcdefghijklmnopqrstuufGccEa5I0VPhxWQlqgb1SEZjWvpl8Vm"
        #expect(try await !hasher.verify(inner, against: marked, scheme: cheapest).matches)
    }

    @Test func `P3 a password with NUL is refused, never cut short`() throws {
        #expect(PasswordText("\0") == nil)
        #expect(PasswordText("secret\0") == nil)
        #expect(PasswordText("secret\0more") == nil)
    }

    @Test(arguments: [
        "", "*", "*0", "*1", "$2$", "$2$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "x",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6ee",
        "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$2b$32$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "$2b$4$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6ee",
        "$2b$04$abcdefghijklmnopqrstu!jydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc\0e",
        "$dragoman-long", "$dragoman-long$dragoman-long$2b$04$abcdefghijklmnopqrstuufGccEa5I0VPhxWQlqgb1SEZjWvpl8Vm",
        "$6$salt$hash", "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash", "correct horse", String(repeating: "$", count: 60),
    ])
    func `P4 a broken stored hash never matches and never crashes`(stored: String) async throws {
        let match = try await hasher.verify(password("correct horse"), against: stored, scheme: cheapest)
        #expect(match == PasswordMatch(matches: false, isBroken: true))
        #expect(try await !hasher.verify(password(""), against: stored, scheme: cheapest).matches)
        #expect(try await !hasher.verify(password(stored.replacing("\0", with: "")), against: stored, scheme: cheapest).matches)
    }

    @Test func `P1 a hash cheaper than the scheme is renewed, a dearer one is kept`() async throws {
        let four = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
        let five = PasswordScheme(cost: 5, variant: "2b")
        let horse = try password("correct horse")
        #expect(try await hasher.verify(horse, against: four, scheme: five) == PasswordMatch(matches: true, needsRehash: true))
        #expect(try await hasher.verify(password("wrong"), against: four, scheme: five) == PasswordMatch(matches: false))
        let dear = try await hasher.hash(horse, scheme: five, salt: salt)
        #expect(try await hasher.verify(horse, against: dear, scheme: cheapest) == PasswordMatch(matches: true))
    }

    @Test func `an account that does not exist, a broken hash, an old hash and a wrong password cost the same`() async throws {
        // The hashing thread's own CPU time, so that a busy machine does not matter; a kind that skipped its work would cost far less.
        let threads = HashingThreads(count: 1, waitingLimit: 8)
        let hasher = PasswordHasher(threads: threads)
        let scheme = PasswordScheme(cost: 7, variant: "2b")
        let text = try password("wrong")
        let current = try await hasher.hash(password("right"), scheme: scheme, salt: salt)
        let old = try await hasher.hash(password("right"), scheme: cheapest, salt: salt)
        let long = try await hasher.hash(password(String(repeating: "r", count: 80)), scheme: scheme, salt: salt)
        let kinds: [String?] = [nil, "*0", "", current, old, long]
        var spent = [Int](repeating: .max, count: kinds.count)
        for _ in 0..<6 {
            for (at, stored) in kinds.enumerated() {
                let before = await cpuTime(of: threads)
                let match = try await hasher.verify(text, against: stored, scheme: scheme)
                spent[at] = min(spent[at], await cpuTime(of: threads) - before)
                #expect(!match.matches)
            }
        }
        let least = try #require(spent.min())
        let most = try #require(spent.max())
        #expect(Double(most) < Double(least) * 1.4, "nanoseconds: \(spent)")
        await hasher.stop()
    }

    @Test func `P9 a full queue is refused at once with a time to come again, and nothing is lost`() async throws {
        let threads = HashingThreads(count: 1, waitingLimit: 2)
        let narrow = PasswordHasher(threads: threads)
        let gate = await hold(threads)
        let scheme = cheapest
        let text = try password("correct horse")
        async let first = narrow.hash(text, scheme: scheme, salt: salt)
        async let second = narrow.hash(text, scheme: scheme, salt: salt)
        while narrow.waiting < 2 { await Task.yield() }
        #expect(narrow.running == 1)
        let refusal = await #expect(throws: HashQueueFull.self) { try await narrow.verify(text, against: nil, scheme: scheme) }
        #expect(refusal?.retryAfter == .seconds(1))
        gate.signal()
        let (one, two) = try await (first, second)
        #expect(one == two)
        await narrow.stop()
        #expect(narrow.waiting == 0)
        #expect(narrow.running == 0)
    }

    @Test func `the time to come again grows with the queue and the cost`() async throws {
        let threads = HashingThreads(count: 1, waitingLimit: 9)
        let narrow = PasswordHasher(threads: threads)
        let gate = await hold(threads)
        for _ in 0..<9 { #expect(threads.submit {} == nil) }
        let dear = PasswordScheme(cost: 12, variant: "2b")
        let text = try password("x")
        let refusal = await #expect(throws: HashQueueFull.self) { try await narrow.hash(text, scheme: dear, salt: salt) }
        #expect(refusal?.retryAfter == .microseconds(2_048_000))
        gate.signal()
        await narrow.stop()
    }

    @Test func `callers take turns, and none fills the queue for the others`() async throws {
        let threads = HashingThreads(count: 1, waitingLimit: 8)
        let gate = await hold(threads)
        let served = Served()
        let ask = { (caller: String) in threads.submit(for: caller) { served.callers.withLock { $0.append(caller) } } }
        for _ in 0..<4 { #expect(ask("greedy") == nil) }
        #expect(ask("greedy") == 4)
        #expect(ask("modest") == nil)
        #expect(ask("other") == nil)
        // This machine itself speaks for many.
        for _ in 0..<2 { #expect(ask("") == nil) }
        #expect(ask("") == 8)
        gate.signal()
        await threads.stop()
        #expect(served.callers.withLock(\.self) == ["greedy", "modest", "other", "", "greedy", "", "greedy", "greedy"])
    }

    @Test func `what was taken before the stop is finished, what comes after is refused`() async throws {
        let hasher = PasswordHasher(cores: 2, waitingLimit: 32)
        let scheme = cheapest
        let text = try password("correct horse")
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await hasher.hash(text, scheme: scheme, salt: salt) } }
            for try await stored in group { #expect(stored.hasPrefix("$2b$04$")) }
        }
        await hasher.stop()
        await hasher.stop()
        await #expect(throws: HashQueueFull.self) { try await hasher.hash(text, scheme: scheme, salt: salt) }
    }

    @Test func `a hasher that is let go without a stop still finishes`() async throws {
        let text = try password("correct horse")
        let scheme = cheapest
        for _ in 0..<20 {
            let stored = try await PasswordHasher(cores: 2, waitingLimit: 4).hash(text, scheme: scheme, salt: salt)
            #expect(stored.hasPrefix("$2b$04$"))
        }
    }

    @Test func `P11 a password does not show when it is printed`() throws {
        let secret = try password("hunter2hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!("\(secret)" + String(reflecting: secret) + dumped).contains("hunter2"))
        #expect(!dumped.contains("104"))
    }

    @Test(arguments: [(-1, "$2b$04$"), (0, "$2b$04$"), (3, "$2b$04$"), (4, "$2b$04$"), (6, "$2b$06$")])
    func `a cost below bcrypt's least is its least`(cost: Int, start: String) async throws {
        let stored = try await hasher.hash(password("x"), scheme: PasswordScheme(cost: cost, variant: "2z"), salt: salt)
        #expect(stored.hasPrefix(start))
    }

    private func cpuTime(of threads: HashingThreads) async -> Int {
        await withCheckedContinuation { continuation in
            let refused = threads.submit {
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                continuation.resume(returning: time.tv_sec * 1_000_000_000 + time.tv_nsec)
            }
            #expect(refused == nil)
        }
    }

    /// Keeps a thread busy until the gate that is returned is signalled.
    private func hold(_ threads: HashingThreads) async -> DispatchSemaphore {
        let gate = DispatchSemaphore(value: 0)
        let busy = DispatchSemaphore(value: 0)
        #expect(
            threads.submit {
                busy.signal(); gate.wait()
            } == nil)
        await Task.detached { busy.waitOffPool() }.value
        return gate
    }

    private final class Served: Sendable {
        let callers = Mutex<[String]>([])
    }

    private let cheapest = PasswordScheme(cost: 4, variant: "2b")
    private func password(_ text: String) throws -> PasswordText { try #require(PasswordText(text)) }
}

extension DispatchSemaphore {
    /// Waits; for a signal that is sure to come at once.
    fileprivate func waitOffPool() { wait() }
}
