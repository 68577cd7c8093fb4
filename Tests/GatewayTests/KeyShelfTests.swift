import FoundationEssentials
import Identity
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Where generated keys are kept, and when they count.
@Suite struct KeyShelfTests {
    private static let name = KeyName(realm: "one", frontend: "shop", use: .tokens, algorithm: .hs256)
    private static let start = Instant(seconds: 1_800_000_000)
    private static let secret = SecretText("a store key of 32 bytes and more, for tests")

    private static func text(_ number: Int) -> [UInt8] { Array("key \(number) of a test, with 32 bytes and more".utf8) }

    private static func id(_ number: Int) throws -> Digest { try FrontendKeys.read(text(number), .hs256).id }

    private static func after(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    private static func vault(_ store: any IdentityStore, _ secret: SecretText? = secret) -> KeyVault {
        KeyVault(store: store, seal: secret.map(KeySeal.init), random: SystemClock.random)
    }

    /// Which keys count then, by their numbers, the one that signs first.
    private static func counting(_ shelf: any KeyShelf, at now: Instant) async throws -> [Int] {
        guard let kept = try await shelf.load([name], at: now)[name] else { return [] }
        let ring = try FrontendKeys(kept: kept, name).ring(at: now)
        return try ring.verificationKeys.map { key in try #require(try (1...9).first { try id($0) == key.id }) }
    }

    @Test func `a new key of a fleet is known before it signs, and the old one verifies until its end`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        let rotation = try await vault.rotate(Self.name, to: Self.text(2), overlap: .seconds(100), at: Self.after(10))
        #expect(rotation.signsFrom == Self.after(15) && rotation.until == Self.after(115))
        for (seconds, counting) in [(10, [1, 2]), (14, [1, 2]), (15, [2, 1]), (114, [2, 1]), (115, [2]), (9999, [2])] {
            #expect(try await Self.counting(vault, at: Self.after(seconds)) == counting, "after \(seconds) s")
        }
        // What was read at first is enough for all that the clock brings.
        let kept = try #require(try await vault.load([Self.name], at: Self.after(10))[Self.name])
        let keys = try FrontendKeys(kept: kept, Self.name)
        #expect(keys.ring(at: Self.after(14)).current.id == (try Self.id(1)))
        #expect(keys.ring(at: Self.after(15)).current.id == (try Self.id(2)))
        #expect(keys.ring(at: Self.after(115)).verificationKeys.count == 1)
        #expect(Set([0, 15, 115].map { keys.phase(at: Self.after($0)) }).count == 3)
    }

    @Test func `a leaked key counts no more from that moment on, nor do those before it`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        _ = try await vault.rotate(Self.name, to: Self.text(2), overlap: .seconds(1000), at: Self.after(1))
        _ = try await vault.rotate(Self.name, to: Self.text(3), overlap: .zero, at: Self.after(3))
        #expect(try await Self.counting(vault, at: Self.after(3)) == [3])
    }

    @Test func `a leaked key counts no more at any clock, be it behind or set back`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        _ = try await vault.rotate(Self.name, to: Self.text(2), overlap: .seconds(100), at: Self.after(1))
        _ = try await vault.rotate(Self.name, to: Self.text(3), overlap: .zero, at: Self.after(3))
        for seconds in [3, 2, 0, -4, -600, -86_400 * 365] {
            #expect(try await Self.counting(vault, at: Self.after(seconds)) == [3], "after \(seconds) s")
        }
        _ = try await vault.rotate(Self.name, to: Self.text(4), overlap: .seconds(100), at: Self.after(10))
        #expect(try await Self.counting(vault, at: Self.after(-600)) == [3, 4])
        #expect(try await Self.counting(vault, at: Self.after(15)) == [4, 3])
    }

    @Test func `a second rotation within the lead takes the place of the first`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        _ = try await vault.rotate(Self.name, to: Self.text(2), overlap: .seconds(100), at: Self.after(1))
        _ = try await vault.rotate(Self.name, to: Self.text(3), overlap: .seconds(100), at: Self.after(3))
        for (seconds, counting) in [(4, [1, 3, 2]), (6, [2, 3, 1]), (8, [3, 2, 1]), (106, [3, 2]), (108, [3])] {
            #expect(try await Self.counting(vault, at: Self.after(seconds)) == counting, "after \(seconds) s")
        }
    }

    @Test func `an instance whose clock is behind signs with the only key there is`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        #expect(try await Self.counting(vault, at: Self.start - .seconds(60)) == [1])
    }

    @Test func `of two first keys that are made at once the store keeps one`() async throws {
        let vault = Self.vault(MemoryStore())
        for number in 1...5 { try await vault.keepFirst(Self.text(number), of: Self.name, at: Self.start) }
        #expect(try await Self.counting(vault, at: Self.start) == [1])
    }

    @Test func `nothing of a key lies in the store in plain, and the same key never looks the same`() async throws {
        let store = MemoryStore()
        let other = KeyName(realm: "one", frontend: "other", use: .tokens, algorithm: .hs256)
        for name in [Self.name, other] { try await Self.vault(store).keepFirst(Self.text(1), of: name, at: Self.start) }
        let rows = try await store.read { try $0.sealedKeys() }
        #expect(rows.count == 2 && Set(rows.map(\.sealed)).count == 2)
        for row in rows {
            let text = String(decoding: row.sealed, as: UTF8.self)
            #expect(!text.contains("test") && !text.contains("key") && !"\(row)".contains("bytes and more"))
        }
    }

    @Test func `a sealed key opens by its store-key and in its own row alone`() throws {
        let seal = KeySeal(Self.secret)
        let sealed = try seal.seal(Self.text(1), as: Self.name, number: 1, random: SystemClock.random)
        #expect(seal.open(sealed, as: Self.name, number: 1) == Self.text(1))
        #expect(KeySeal(SecretText("another store key of 32 bytes and more ...")).open(sealed, as: Self.name, number: 1) == nil)
        #expect(seal.open(sealed, as: Self.name, number: 2) == nil)
        for other in [
            KeyName(realm: "two", frontend: "shop", use: .tokens, algorithm: .hs256),
            KeyName(realm: "one", frontend: "shut", use: .tokens, algorithm: .hs256),
            KeyName(realm: "one", frontend: "shop", use: .upstreams, algorithm: .hs256),
            KeyName(realm: "one", frontend: "shop", use: .tokens, algorithm: .rs256),
        ] { #expect(seal.open(sealed, as: other, number: 1) == nil) }
        for place in sealed.indices {
            var altered = sealed
            altered[place] ^= 1
            #expect(seal.open(altered, as: Self.name, number: 1) == nil, "byte \(place)")
        }
        for count in 0..<sealed.count { #expect(seal.open(Array(sealed.prefix(count)), as: Self.name, number: 1) == nil) }
    }

    @Test func `another store-key is told in words, and only a forced rotation begins anew`() async throws {
        let store = MemoryStore()
        try await Self.vault(store).keepFirst(Self.text(1), of: Self.name, at: Self.start)
        let other = Self.vault(store, SecretText("another store key of 32 bytes and more ..."))
        for attempt in 0..<3 {
            let fault = await #expect(throws: AssemblyFault.self) {
                _ =
                    attempt == 0
                    ? try await other.load([Self.name], at: Self.start).count
                    : try await other.rotate(Self.name, to: Self.text(2), overlap: .seconds(attempt == 1 ? 9 : 0), at: Self.start)
                        .until.microseconds.bitWidth
            }
            #expect(fault?.description.contains("another `store-key` has sealed it") == true)
            #expect(fault?.description.contains("dragoman keys rotate shop --overlap 0 --force") == true)
        }
        _ = try await other.rotate(Self.name, to: Self.text(2), overlap: .zero, isForced: true, at: Self.after(1))
        #expect(try await Self.counting(other, at: Self.after(1)) == [2])
        let none = Self.vault(store, nil)
        let missing = await #expect(throws: AssemblyFault.self) { _ = try await none.load([Self.name], at: Self.start) }
        #expect(missing?.description.contains("store-key: env:DRAGOMAN_STORE_KEY") == true)
        #expect(try await none.load([], at: Self.start).isEmpty)
    }

    @Test func `of two rotations at once one is told that the other came first`() async throws {
        let store = MeddledStore()
        let vault = Self.vault(store)
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        store.meddle { inner in
            let key = try #require(try inner.sealedKeys().first)
            _ = try inner.insert(SealedKey(name: key.name, number: 2, sealed: [1], createdAt: Self.start, signsFrom: Self.start))
        }
        let fault = await #expect(throws: AssemblyFault.self) {
            _ = try await vault.rotate(Self.name, to: Self.text(2), overlap: .zero, at: Self.start)
        }
        #expect(fault?.description.contains("at the same moment") == true)
    }

    /// Cannot be read so many times.
    private struct ClosedShelf: KeyShelf {
        let inner: KeyVault
        let refusals: Counter

        var isShared: Bool { true }
        var lead: Duration { inner.lead }

        func load(_ names: [KeyName], at now: Instant) async throws -> [KeyName: [KeptKey]] {
            guard refusals.next() == 0 else { throw StoreError.unavailable("the database is away") }
            return try await inner.load(names, at: now)
        }

        func keepFirst(_ text: [UInt8], of name: KeyName, at now: Instant) async throws {}
        func sweep(at moment: Instant) async throws {}
        func rotate(
            _ name: KeyName, to text: [UInt8], overlap: Duration, isForced: Bool, at now: Instant
        ) async throws -> KeyRotation { KeyRotation(at: now, lead: lead, overlap: overlap) }
    }

    private final class Counter: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        /// What is left before the call; never less than none.
        func next() -> Int {
            left.withLock { left in
                defer { left = max(0, left - 1) }
                return left
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `keys that could not be read are read as soon as they can be, and not at the next look`() async throws {
        let vault = Self.vault(MemoryStore())
        try await vault.keepFirst(Self.text(1), of: Self.name, at: Self.start)
        let kept = try #require(try await vault.load([Self.name], at: Self.start)[Self.name])
        let live = LiveKeys(try FrontendKeys(kept: kept, Self.name), kept: kept, Self.name, at: Self.start)
        _ = try await vault.rotate(Self.name, to: Self.text(2), overlap: .zero, at: Self.after(1))
        let lines = LogLines()
        // An hour, so that the next look is none of this test's.
        let watch = KeyWatch(
            shelf: ClosedShelf(inner: vault, refusals: Counter(3)), keys: { [live] }, mark: ChangeMark(), readiness: Readiness(),
            log: lines.logger, now: { Self.after(2) }, pause: .seconds(3600))
        let run = Task { try await watch.run() }
        let new = try Self.id(2)
        while live.ring(at: Self.after(2)).current.id != new { try await Task.sleep(for: .milliseconds(5)) }
        run.cancel()
        try await run.value
        #expect(lines.all.count { $0.contains("the keys cannot be read") } == 1)
    }

    // MARK: Files

    private static func withCabinet(_ body: (KeyCabinet, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/dragoman-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(KeyCabinet(folder: folder + "/keys"), folder + "/keys")
    }

    private static func texts(_ cabinet: KeyCabinet, at now: Instant) throws -> [[UInt8]] {
        try cabinet.load([name], at: now)[name]?.map(\.text) ?? []
    }

    @Test func `rotations of one second keep every key, each until its own end`() throws {
        try Self.withCabinet { cabinet, _ in
            try cabinet.keepFirst(Self.text(1), of: Self.name, at: Self.start)
            for number in 2...4 { _ = try cabinet.rotate(Self.name, to: Self.text(number), overlap: .seconds(60), at: Self.start) }
            #expect(try Self.texts(cabinet, at: Self.after(1)).count == 4)
            #expect(try Self.texts(cabinet, at: Self.after(1)).first == Self.text(4))
            #expect(try Self.texts(cabinet, at: Self.after(99)) == [Self.text(4)])
        }
    }

    @Test func `a shorter overlap cuts those before it, and none takes them away`() throws {
        try Self.withCabinet { cabinet, folder in
            try cabinet.keepFirst(Self.text(1), of: Self.name, at: Self.start)
            _ = try cabinet.rotate(Self.name, to: Self.text(2), overlap: .seconds(9000), at: Self.start)
            _ = try cabinet.rotate(Self.name, to: Self.text(3), overlap: .seconds(60), at: Self.start)
            #expect(Set(try Self.texts(cabinet, at: Self.after(50))) == [Self.text(1), Self.text(2), Self.text(3)])
            #expect(try Self.texts(cabinet, at: Self.after(61)) == [Self.text(3)])
            _ = try cabinet.rotate(Self.name, to: Self.text(4), overlap: .zero, at: Self.start)
            #expect(try Self.texts(cabinet, at: Self.start) == [Self.text(4)])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["shop.secret"])
        }
    }

    @Test func `what has ended is swept away, and nothing else`() throws {
        try Self.withCabinet { cabinet, folder in
            try cabinet.keepFirst(Self.text(1), of: Self.name, at: Self.start)
            _ = try cabinet.rotate(Self.name, to: Self.text(2), overlap: .seconds(60), at: Self.start)
            try Data().write(to: URL(filePath: folder + "/notes.of.mine"))
            try cabinet.sweep(at: Self.after(59))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
            try cabinet.sweep(at: Self.after(60))
            #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == ["shop.secret", "notes.of.mine"])
        }
    }

    @Test func `a key that is seen twice while it is being replaced is one key`() throws {
        let kept = [Self.text(1), Self.text(1), Self.text(2)].map { KeptKey(text: $0, signsFrom: FrontendKeys.always) }
        #expect(try FrontendKeys(kept: kept, Self.name).ring(at: Self.start).verificationKeys.count == 2)
        #expect("\(kept)" == "[<REDACTED>, <REDACTED>, <REDACTED>]")
    }
}
