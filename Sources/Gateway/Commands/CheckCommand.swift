package import DialectEngine
import Identity

/// `dragoman check`: what is wrong, and what is weak, with places; changes nothing.
package enum CheckCommand {
    package static func run(_ path: String, environment: [String: String]) -> CommandOutput {
        let (plan, report) = Planner.plan(path: path, environment: environment)
        return output(path, frontends: plan?.frontends.count, report)
    }

    /// A report alone, when there is nothing to go on with.
    package static func output(_ path: String, frontends: Int?, _ report: DiagnosticReport) -> CommandOutput {
        let errors = report.errors.count
        let warnings = report.warnings.count
        var summary = "\(path): "
        if let frontends { summary += "\(frontends) \(frontends == 1 ? "frontend" : "frontends"), " }
        summary += "\(errors == 0 ? "no errors" : errors == 1 ? "1 error" : "\(errors) errors")"
        if warnings > 0 { summary += ", \(warnings == 1 ? "1 warning" : "\(warnings) warnings")" }
        return CommandOutput(
            text: report.diagnostics.isEmpty ? summary + "\n" : report.rendered + "\n" + summary + "\n",
            value: .object([
                .init("errors", .int(Int64(errors))), .init("warnings", .int(Int64(warnings))), .init("diagnostics", report.value),
            ]), isFailure: errors > 0)
    }
}
