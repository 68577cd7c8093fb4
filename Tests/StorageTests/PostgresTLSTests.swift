import Identity
import TestSupport
import Testing

@testable import Storage

/// A server that shows a certificate, over a network that is this machine's own.
@Suite struct PostgresTLSTests {
    private static let cluster = Task { try await PostgresCluster.startWithTLS() }

    @Test(arguments: [
        "user=dragoman sslmode=require", "user=dragoman sslmode=verify-ca sslrootcert={tls}/ca.crt",
        "user=dragoman sslmode=verify-full sslrootcert={tls}/ca.crt",
        "user=locked password=secretive sslmode=verify-full sslrootcert={tls}/ca.crt",
        "user=certified sslmode=verify-full sslrootcert={tls}/ca.crt sslcert={tls}/client.crt sslkey={tls}/client.key",
    ])
    func `the store is reached by TLS`(options: String) async throws {
        let address = try await Self.address(options)
        #expect(try PostgresAddress(address).isProtected)
        let database = try PostgresDatabase(address)
        let isEncrypted = try await database.read { connection in
            try connection.query("SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl AND version >= 'TLSv1.2'", []).count == 1
        }
        #expect(isEncrypted)
        await database.close()
    }

    @Test(arguments: [
        ("sslmode=verify-full sslrootcert={tls}/other-ca.crt", "its certificate is not trusted"),
        ("sslmode=verify-ca sslrootcert={tls}/other-ca.crt", "its certificate is not trusted"),
        ("host=127.0.0.1 sslmode=verify-full sslrootcert={tls}/ca.crt", "its certificate is for another host"),
        ("sslmode=verify-full sslrootcert={tls}/nothing.crt", "the file of sslrootcert is not there or cannot be read"),
        ("user=certified sslmode=require", "it lets this user in from here by no way (its pg_hba.conf), or has no such user"),
        (
            "user=certified sslmode=require sslcert={tls}/client.crt sslkey={tls}/ca.key",
            "the file of sslkey cannot be used: it has to be its owner's alone, and the key of sslcert"
        ),
        (
            "user=certified sslmode=require sslcert={tls}/client.crt sslkey={tls}/client.crt",
            "the file of sslkey cannot be used: it has to be its owner's alone, and the key of sslcert"
        ),
    ])
    func `a server that does not prove who it is, or does not know us, is refused in words`(options: String, words: String) async throws {
        let user = options.contains("user=") ? "" : "user=locked "
        let address = try await Self.address("\(user)password=hunter22 \(options)")
        await #expect(throws: StoreError.unavailable("the database server: \(words)")) {
            _ = try await SQLStore.postgres(url: address, now: .start)
        }
    }

    @Test func `a server without TLS is refused where the address asks for it`() async throws {
        let cluster = try await PostgresCluster.startWithTLS()
        _ = try await cluster.ask("ALTER SYSTEM SET ssl = off")
        _ = try await cluster.ask("SELECT pg_reload_conf()")
        for mode in ["require", "verify-full sslrootcert=\(cluster.folder)/tls/ca.crt"] {
            let address = Self.address("user=dragoman sslmode=\(mode)", of: cluster)
            await #expect(throws: StoreError.unavailable("the database server: it does not speak TLS, which the address asks for")) {
                // The server reads its configuration in a moment of its own.
                while true { await (try SQLStore.postgres(url: address, now: .start)).close() }
            }
        }
        let open = try await SQLStore.postgres(url: Self.address("user=dragoman sslmode=prefer", of: cluster), now: .start)
        try await open.ping()
        await open.close()
    }

    private static func address(_ options: String) async throws -> String { address(options, of: try await cluster.value) }

    private static func address(_ options: String, of cluster: PostgresCluster) -> String {
        let host = options.contains("host=") ? "" : "host=localhost "
        return "hostaddr=127.0.0.1 port=\(cluster.port) dbname=dragoman \(host)\(options.replacing("{tls}", with: cluster.folder + "/tls"))"
    }
}
