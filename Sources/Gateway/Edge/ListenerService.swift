import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves addresses, one of Hummingbird's servers for each; they start and end together.
struct ListenerService: Service {
    struct Listener: Sendable {
        var address: ListenAddress
        var site: EdgeSite
        var connections: Int
    }

    let listeners: [Listener]
    let log: Logger
    /// Shared by all services of this kind.
    let arrivals: Arrivals

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for listener in listeners {
                group.addTask {
                    do {
                        try await server(listener).run()
                    } catch let error as IOError {
                        throw ListenFault(address: listener.address, errno: error.errnoCode)
                    } catch let error as SocketAddressError {
                        throw ListenFault(address: listener.address, reason: "\(error)")
                    }
                }
            }
            // The first that fails ends the others; `waitForAll` would wait for them.
            for try await _ in group {}
        }
    }

    private func server(_ listener: Listener) -> any Service {
        EdgeChannel(site: listener.site).server(
            configuration: ServerConfiguration(
                address: .hostname(listener.address.host, port: listener.address.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(listener.connections, logger: log)),
            onServerRunning: { [arrivals] channel in
                await arrivals.arrived(listener.address, port: channel.localAddress?.port ?? listener.address.port)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: log)
    }
}
