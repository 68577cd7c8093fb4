import DialectEngine

/// Finds addresses, hosts and prefixes that do not tell whom a request is for.
struct FrontendOverlap {
    let findings: Findings

    func check(_ configuration: Configuration) {
        let frontends = configuration.frontends
        for (index, later) in frontends.enumerated() {
            if later.listen == configuration.management {
                findings.error(later.place, "`\(later.name)` listens on \(later.listen), which is the management address")
            }
            for earlier in frontends[..<index] where Self.collide(earlier, later) {
                findings.error(
                    later.place,
                    "`\(later.name)` cannot be told from `\(earlier.name)`: both are \(later.host ?? "any host") on \(later.listen) under "
                        + "`\(earlier.prefix)/` and `\(later.prefix)/`; give one another `listen`, `host` or `prefix`")
            }
        }
    }

    private static func collide(_ a: FrontendConfiguration, _ b: FrontendConfiguration) -> Bool {
        guard a.listen == b.listen, a.host == b.host else { return false }
        return (a.prefix + "/").hasPrefix(b.prefix + "/") || (b.prefix + "/").hasPrefix(a.prefix + "/")
    }
}
