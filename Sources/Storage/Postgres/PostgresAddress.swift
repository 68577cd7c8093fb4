import CLibpq
import Glibc
import Identity
import Synchronization

/// Where a database is and how to sign in: a connection string as libpq reads it, both as a URL and as `keyword=value`.
///
/// What it does not say, we say: connections that die are noticed, and only a server that can be written is the store. It holds a
/// password, so it is never printed.
package struct PostgresAddress: Sendable {
    /// One server to try, with the options that are its own.
    private struct Server: Sendable {
        let options: [String: String]

        var isHere: Bool {
            let names = [options["host"], options["hostaddr"]].compactMap { $0 }
            return names.allSatisfy { name in
                name.hasPrefix("/") || name.hasPrefix("@") || name == "localhost" || name == "::1" || Self.isLoopback(name)
            }
        }

        /// An address of 127.0.0.0/8, and no name that begins like one.
        private static func isLoopback(_ name: String) -> Bool {
            var address = in_addr()
            return inet_pton(AF_INET, name, &address) == 1 && name.hasPrefix("127.")
        }
    }

    /// The place of the server that let us in last.
    private final class Favourite: Sendable {
        let place = Atomic<Int>(0)
    }

    /// How long one server may take to let us in.
    let patience: Duration
    private let favourite = Favourite()
    private let common: [String: String]
    private let servers: [Server]

    /// Whether what goes over a network is encrypted for certain: every host is this machine, or `sslmode` asks for TLS.
    package let isProtected: Bool

    /// Whether a text is meant to be an address of PostgreSQL.
    package static func isMeant(by text: String) -> Bool {
        text.hasPrefix("postgres:") || text.hasPrefix("postgresql:") || text.contains("=")
    }

    /// Throws `StoreError.unavailable` in words that hold nothing of the text.
    package init(_ text: String) throws {
        var options = try Self.parse(text)
        // What libpq would read elsewhere could lead to another server than the text says.
        let surroundings = Self.defaults()
        guard options["service"] == nil, surroundings["service"] == nil else {
            throw StoreError.unavailable("its address names a service (or PGSERVICE does): write the host and all else into the address")
        }
        for name in ["host", "hostaddr"] where options["host"] == nil && options["hostaddr"] == nil {
            if let named = surroundings[name] { options[name] = named }
        }
        let wish = options["target_session_attrs"] ?? "read-write"
        guard ["read-write", "primary", "any"].contains(wish) else {
            throw StoreError.unavailable("its address asks for a standby (target_session_attrs), and a store must be written")
        }
        options["target_session_attrs"] = wish == "primary" ? wish : "read-write"
        let isEncrypted = ["require", "verify-ca", "verify-full"].contains(options["sslmode"] ?? "")
        let seconds = options.removeValue(forKey: "connect_timeout").flatMap(Int.init) ?? 3
        patience = .seconds(seconds > 0 ? seconds : 3)
        servers = try Self.servers(taking: &options)
        isProtected = isEncrypted || servers.allSatisfy(\.isHere)
        let ours = [
            "application_name": "dragoman", "gssencmode": "disable", "keepalives_idle": "30", "keepalives_interval": "5",
            "keepalives_count": "3", "tcp_user_timeout": "10000",
        ]
        options.merge(ours) { theirs, _ in theirs }
        options["client_encoding"] = "UTF8"
        common = options
    }

    /// The parameters of a connection to each server, that which let us in last before the others.
    ///
    /// All who share this address go where one of them was let in: to a server that hangs, each would lose time of its own.
    var attempts: [(place: Int, options: [(keyword: String, value: String)])] {
        let first = favourite.place.load(ordering: .relaxed)
        return (0..<servers.count).map { number in
            let place = (first + number) % servers.count
            let options = common.merging(servers[place].options) { _, own in own }
            return (place, options.sorted { $0.key < $1.key }.map { (keyword: $0.key, value: $0.value) })
        }
    }

    func prefer(_ place: Int) { favourite.place.store(place, ordering: .relaxed) }

    private static func parse(_ text: String) throws -> [String: String] {
        try StoredText.check(text)
        // What libpq says of a bad text quotes it: it is dropped.
        var words: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(text, &words)
        if let words { PQfreemem(words) }
        guard let parsed else {
            throw StoreError.unavailable("its address is not one of PostgreSQL: postgres://USER:PASSWORD@HOST/DATABASE")
        }
        defer { PQconninfoFree(parsed) }
        return Self.options(parsed)
    }

    /// What libpq would take from the environment.
    private static func defaults() -> [String: String] {
        guard let found = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(found) }
        return options(found)
    }

    private static func options(_ parsed: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var options: [String: String] = [:]
        var next = parsed
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val, value.pointee != 0 { options[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        return options
    }

    /// Several hosts are tried by us, each with a patience of its own.
    private static func servers(taking options: inout [String: String]) throws -> [Server] {
        let lists = ["host", "hostaddr", "port"].map { name in
            (name, options.removeValue(forKey: name)?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? [])
        }
        let count = max(1, lists[0].1.count, lists[1].1.count)
        return try (0..<count).map { place in
            var own: [String: String] = [:]
            for (name, values) in lists where !values.isEmpty {
                guard values.count == count || (name == "port" && values.count == 1) else {
                    throw StoreError.unavailable("its address names \(count) hosts and \(values.count) of \(name)")
                }
                let value = values[values.count == 1 ? 0 : place]
                if !value.isEmpty { own[name] = value }
            }
            return Server(options: own)
        }
    }
}
