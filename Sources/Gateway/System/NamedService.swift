import ServiceLifecycle

/// A service that is told by its type alone.
///
/// A group asks every service for its description, and that of a plain struct is everything it holds: slow to write, and not for any log.
struct NamedService: Service, CustomStringConvertible {
    let service: any Service

    var description: String { "\(type(of: service))" }

    func run() async throws { try await service.run() }
}
