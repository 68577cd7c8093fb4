import NIOCore

/// A WebSocket or an event stream has no next request at which its caller could be judged: whoever may no longer pass loses the connection
/// itself.
extension EdgeConnection {
    /// From now on it is looked at whether the caller may still pass.
    func watchStanding(of relay: Relay) {
        relay.standing = relay.forwarding.value.standing
        guard relay.standing != nil, !isWatched else { return }
        isWatched = true
        site.watches.value(on: channel.eventLoop).add(self)
    }

    /// Asks whether the caller may go on, if anything about the account has changed; false once there is nothing more to look at.
    func looksAtStanding() -> Bool {
        guard case .forwarding(let relay) = phase, !relay.isOver, let standing = relay.standing else {
            isWatched = false
            return false
        }
        guard !relay.isAsking, !standing.holds else { return true }
        relay.isAsking = true
        let mine = NIOLoopBound((connection: self, relay: relay), eventLoop: channel.eventLoop)
        let loop = channel.eventLoop
        Task {
            let renewed = await standing.renewed()
            loop.execute { mine.value.connection.learned(renewed, of: mine.value.relay) }
        }
        return true
    }

    /// By now the connection may be at another request, which rests on something else.
    private func learned(_ renewed: Standing?, of relay: Relay) {
        guard case .forwarding(let current) = phase, current === relay, !relay.isOver else { return }
        relay.isAsking = false
        relay.standing = renewed
        if renewed == nil { channel.close(promise: nil) }
    }
}
