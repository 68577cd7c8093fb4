import DialectEngine
import Identity

/// `dragoman routes`: every route of every frontend with its operation, or the settings that a deployment may choose.
package enum RoutesCommand {
    package static func routes(_ deployment: Deployment, frontend name: String?) throws -> CommandOutput {
        let frontends = try chosen(deployment, name)
        var text = ""
        var values: [Value] = []
        for frontend in frontends {
            text += heading(frontend)
            var table = TextTable(indent: "  ")
            for row in rows(frontend) {
                table.add(row.methods, row.path, row.serves, row.caller)
                values.append(
                    .object([
                        .init("frontend", .string(frontend.configuration.name)), .init("methods", .string(row.methods)),
                        .init("path", .string(row.path)), .init("serves", .string(row.serves)), .init("caller", .string(row.caller)),
                    ]))
            }
            text += table.text + "\n"
        }
        return CommandOutput(text: String(text.dropLast()), value: .list(values))
    }

    package static func settings(_ deployment: Deployment, frontend name: String?) throws -> CommandOutput {
        let frontends = try chosen(deployment, name)
        var text = ""
        var values: [Value] = []
        for frontend in frontends {
            text += heading(frontend)
            var table = TextTable(indent: "  ")
            for setting in frontend.dialect.settings {
                let chosen = setting.chosen == setting.standard ? setting.chosen : "\(setting.chosen) (default \(setting.standard))"
                table.add(setting.name, chosen, setting.range.isEmpty ? setting.kind : setting.range, setting.about)
                values.append(
                    .object([
                        .init("frontend", .string(frontend.configuration.name)), .init("name", .string(setting.name)),
                        .init("chosen", .string(setting.chosen)), .init("default", .string(setting.standard)),
                        .init("type", .string(setting.kind)), .init("range", .string(setting.range)),
                        .init("about", .string(setting.about)),
                    ]))
            }
            text += table.text + "\n"
        }
        return CommandOutput(text: String(text.dropLast()), value: .list(values))
    }

    private struct Row {
        var methods: String
        var path: String
        var serves: String
        var caller: String
    }

    private static func chosen(_ deployment: Deployment, _ name: String?) throws -> [PlannedFrontend] {
        try name.map { [try deployment.frontend($0)] } ?? deployment.plan.frontends
    }

    private static func heading(_ frontend: PlannedFrontend) -> String {
        let configuration = frontend.configuration
        return "\(configuration.name) (\(frontend.dialect.name)) at \(configuration.publicURL), realm \(configuration.realm)\n"
    }

    private static func rows(_ frontend: PlannedFrontend) -> [Row] {
        let prefix = frontend.configuration.prefix
        var rows: [Row] = []
        for route in frontend.dialect.routes {
            let caller =
                switch route.need {
                case .none: ""
                case .optional: "optional caller"
                case .required: route.roles.map { "role \($0.joined(separator: ", "))" } ?? "signed in"
                }
            for path in route.paths {
                rows.append(
                    Row(
                        methods: route.methods.joined(separator: ","), path: prefix + path.shown, serves: route.operation.rawValue,
                        caller: caller))
            }
        }
        for gate in frontend.dialect.guards {
            for path in gate.paths {
                rows.append(
                    Row(
                        methods: gate.methods.isEmpty ? "*" : gate.methods.joined(separator: ","), path: prefix + path.shown,
                        serves: "upstream \(gate.upstream)", caller: gate.allow.shown))
            }
        }
        return rows
    }
}

extension PathPattern {
    fileprivate var shown: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .parameter(let name): "{\(name)}"
                case .locale: "{locale}"
                }
            }.joined(separator: "/")
    }
}

extension GuardPath {
    fileprivate var shown: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .suffixed(let word): word + ".*"
                case .one: "*"
                case .rest: "**"
                case .locale: "{locale}"
                }
            }.joined(separator: "/")
    }
}

extension Guard.Allow {
    fileprivate var shown: String {
        switch self {
        case .anyone: "anyone"
        case .signedIn: "signed in"
        case .confirmed: "confirmed"
        case .roles(let roles): "role \(roles.joined(separator: ", "))"
        }
    }
}
