import Glibc
import NIOCore
import NIOPosix

extension Channel {
    /// The other side's address, in one form only: a socket for both families calls `10.0.0.1` `::ffff:10.0.0.1`.
    var peerAddress: String {
        let text = remoteAddress?.ipAddress ?? ""
        return IPAddress(text)?.description ?? text
    }

    /// Keeps one buffer to read into, where a channel has four by default, idle or not: there may be thousands.
    func setThriftyReads() throws { try syncOptions?.setOption(.maxMessagesPerRead, value: 1) }

    /// Whether its end, whoever brings it about, is a reset: the other side cannot take what it has for all there was.
    ///
    /// To be set on the event loop.
    func setEndsInReset(_ resets: Bool) {
        _ = (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: resets ? 1 : 0, l_linger: 0))
    }

    /// To be asked for on the event loop.
    var sendProgress: SendProgress {
        let buffered = try? syncOptions?.getOption(.bufferedWritableBytes)
        let taken = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            Self.acknowledged(socket)
        }
        return SendProgress(taken: taken ?? 0, isOwed: (buffered ?? 0) > 0)
    }

    /// `tcpi_bytes_acked` of `struct tcp_info` (Linux 4.1 and later, include/uapi/linux/tcp.h), which the C library's own does not have yet.
    private static func acknowledged(_ socket: NIOBSDSocket.Handle) -> UInt64 {
        let place = 15
        var words = [UInt64](repeating: 0, count: place + 1)
        var length = socklen_t(words.count * MemoryLayout<UInt64>.size)
        guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &words, &length) == 0 else { return 0 }
        return words[place]
    }
}
