// swift-tools-version:6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "dragoman",
    products: [.executable(name: "dragoman", targets: ["DragomanCLI"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        .target(
            name: "Identity",
            dependencies: [
                "CLibcrypt",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            resources: [.embedInCode("Passwords/common-passwords.txt")],
            swiftSettings: house),
        .target(
            name: "Storage",
            dependencies: ["CLibpq", "Identity", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: house),
        .target(
            name: "Mail",
            dependencies: ["CLibcurl", .product(name: "Logging", package: "swift-log")],
            swiftSettings: house),
        .target(
            name: "DialectEngine",
            dependencies: ["Identity", "Mail", .product(name: "Yams", package: "Yams")],
            swiftSettings: house),
        .target(
            name: "Gateway",
            dependencies: [
                "Identity", "Storage", "Mail", "DialectEngine",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "DragomanCLI",
            dependencies: [
                "Gateway", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),

        .target(
            name: "TestSupport", dependencies: ["Identity", .product(name: "Logging", package: "swift-log")], path: "Tests/TestSupport",
            swiftSettings: house),
        .testTarget(name: "IdentityTests", dependencies: ["Identity", "TestSupport"], swiftSettings: house),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "MailTests", dependencies: ["Mail", "TestSupport", .product(name: "Logging", package: "swift-log")],
            exclude: ["smtp_peer.py"], swiftSettings: house),
        .testTarget(
            name: "DialectEngineTests", dependencies: ["DialectEngine", "TestSupport"],
            exclude: ["Invalid"], swiftSettings: house),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Identity", "Storage", "DialectEngine", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["Faulty"], swiftSettings: house),
    ]
)
