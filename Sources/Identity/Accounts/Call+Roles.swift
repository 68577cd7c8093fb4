extension Call {
    /// Whether the caller may give this role here; a role that the own account has always passes.
    func mayAssign(_ role: String) -> Bool {
        let roles = policy.roles
        guard roles.known.contains(where: { $0.hasSameBytes(as: role) }) else { return false }
        switch request.operation {
        case .register, .accountCreate:
            if let principal, principal.hasRole(among: roles.assigners) { return true }
            guard request.operation == .register else { return roles.standard.hasSameBytes(as: role) }
            return (roles.selfAssignable + roles.atRegistration).contains { $0.hasSameBytes(as: role) }
        default:
            if let own = principal?.account.role, own.hasSameBytes(as: role) { return true }
            return roles.selfAssignable.contains { $0.hasSameBytes(as: role) }
        }
    }

    /// The role of a new account: what was asked for, where that may be chosen, else the standard one.
    var roleAtRegistration: String {
        guard let asked = text(.role), mayAssign(asked) else { return policy.roles.standard }
        return asked
    }
}
