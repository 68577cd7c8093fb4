import HummingbirdCore
import Identity
import Logging
import NIOCore
import NIOHTTP1

/// One connection of Hummingbird's server, from bytes to messages.
///
/// The pipeline is our own because the stock one drops what must be judged: the HTTP version, the form of the target, who waits for `100
/// Continue`. It parses with NIO's HTTP/1 decoder and hands heads as they came to `Conversation`.
struct EdgeChannel: ServerChildChannel {
    typealias Value = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let conversation: Conversation
    let limits: EdgeLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let deadlines = ConnectionDeadlines(channel: channel, limits: limits)
            let pipeline = channel.pipeline.syncOperations
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headBytes
            decoder.maxHeaderListSize = limits.headBytes
            decoder.maxHeaderFieldCount = limits.fields
            try pipeline.addHandler(FirstByteObserver(deadlines))
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
            try pipeline.addHandler(MessageObserver(deadlines))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async {
        await conversation.run(over: value)
    }
}
