/// Where a store is that an operator names: `sqlite:PATH` or `postgres://...`.
///
/// Printed, it shows nothing of a connection string, which holds a password.
package enum StoreAddress: Sendable, Hashable, CustomStringConvertible {
    case sqlite(path: String)
    case postgres(url: String)

    package init?(_ text: String) {
        if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = .sqlite(path: String(text.dropFirst(7)))
        } else if PostgresAddress.isMeant(by: text) {
            self = .postgres(url: text)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres: "PostgreSQL"
        }
    }
}
