/// How much a connection may ask of the server before it is known who it is.
package struct EdgeLimits: Sendable, Hashable {
    /// Bytes of all header fields together.
    package var headBytes = 16 * 1024
    /// Header fields.
    package var fields = 100
    /// Bytes of the request-target.
    package var targetBytes = 8 * 1024
    /// Bytes of bodies that all connections of a listener may hold in memory together.
    package var heldBytes = 256 << 20
    /// How long a connection may take from being accepted to being read from.
    ///
    /// A listener that closes in between forgets it.
    package var arriving: Duration = .seconds(2)
    /// How long a connection may say nothing between two requests, or before the first.
    package var idle: Duration = .seconds(60)
    /// How long a head may take, from its first byte.
    package var head: Duration = .seconds(15)
    /// How long a body may take, from the end of its head.
    package var body: Duration = .seconds(60)
    /// How long a small body may take that an upstream gets in one piece.
    package var gathering: Duration = .seconds(20)
    /// Bytes a second that a client has to bring of a body that is sent on as it comes, on average over `idle`, which is also how long it may
    /// pause; and to take of an answer.
    package var leastRate = 240
    /// How long a client may leave an answer unread.
    ///
    /// It is looked at twice in this time, and between two looks it must have taken `leastRate`.
    package var unread: Duration = .seconds(30)
    /// How long a connection stays half open after a refusal, so that the refusal arrives before a reset does.
    package var linger: Duration = .seconds(2)
    /// How many bytes are thrown away meanwhile.
    package var lingerBytes = 4 << 20

    package init() {}
}
