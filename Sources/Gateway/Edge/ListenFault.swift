import Glibc

/// Why an address cannot be listened on, in words for an operator.
package struct ListenFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(address: ListenAddress, errno code: CInt) {
        let reason =
            switch code {
            case EADDRINUSE: "the address is in use; stop who has it, or give another by `listen` or `management`"
            case EACCES: "permission denied (ports below 1024 want a privilege)"
            case EADDRNOTAVAIL: "this machine has no such address"
            default: String(cString: strerror(code))
            }
        self.init(address: address, reason: reason)
    }

    init(address: ListenAddress, reason: String) { description = "cannot listen on \(address): \(reason)" }
}
