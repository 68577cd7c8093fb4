import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves all addresses: one of Hummingbird's servers for each. They start and end together.
struct ListenerService: Service {
    struct Listener: Sendable {
        var address: ListenAddress
        var conversation: Conversation
        var connections: Int
    }

    let listeners: [Listener]
    let limits: EdgeLimits
    let log: Logger
    /// Told once every address is being listened on; with the ports that the system chose.
    let onListening: @Sendable ([ListenAddress: Int]) async -> Void

    func run() async throws {
        let arrivals = Arrivals(listeners.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for listener in listeners {
                group.addTask {
                    do {
                        try await server(listener, arrivals).run()
                    } catch let error as IOError {
                        throw ListenFault(address: listener.address, errno: error.errnoCode)
                    } catch let error as SocketAddressError {
                        throw ListenFault(address: listener.address, reason: "\(error)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func server(_ listener: Listener, _ arrivals: Arrivals) -> any Service {
        EdgeChannel(conversation: listener.conversation, limits: limits).server(
            configuration: ServerConfiguration(
                address: .hostname(listener.address.host, port: listener.address.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(listener.connections, logger: log)),
            onServerRunning: { channel in
                let ports = arrivals.arrived(listener.address, port: channel.localAddress?.port ?? listener.address.port)
                if let ports { await onListening(ports) }
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: log)
    }
}
