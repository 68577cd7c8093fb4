import HummingbirdCore
import Logging
import NIOCore

/// One connection of Hummingbird's server, served by an `EdgeConnection`.
struct EdgeChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let connection: NIOLoopBound<EdgeConnection>
    }

    let site: EdgeSite

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.setThriftyReads()
            guard let name = site.peers.admit(channel.peerAddress) else {
                site.meter.refused()
                // NIO leaves what is thrown here open, and counts it.
                channel.close(promise: nil)
                throw ChannelError.ioOnClosedChannel
            }
            site.meter.opened()
            let connection = EdgeConnection(site: site, channel: channel, countedAs: name)
            try channel.pipeline.syncOperations.addHandler(connection)
            return Value(channel: channel, connection: NIOLoopBound(connection, eventLoop: channel.eventLoop))
        }
    }

    /// Returns when the connection is gone and nothing works for it any more, so that the store may be closed.
    ///
    /// Cancelled, which is what the end of a drain is, it closes what has not ended by itself.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        let work = try? await value.channel.eventLoop.submit { value.connection.value.work }.get()
        await work?.value
    }
}
