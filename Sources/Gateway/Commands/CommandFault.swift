import DialectEngine
import Identity
import Mail

/// Says in words why a command failed.
package enum CommandFault {
    /// Ends with a line feed.
    package static func words(for error: any Error) -> String { TerminalText.escaped(plainWords(for: error), sparing: "\n\t") }

    private static func plainWords(for error: any Error) -> String {
        switch error {
        case let report as DiagnosticReport: report.rendered
        case let fault as AssemblyFault: "dragoman: \(fault.description)\n"
        // It may name what people chose.
        case let fault as AccountFault: "dragoman: \(TerminalText.escaped(fault.description))\n"
        case let fault as ListenFault: "dragoman: \(fault.description)\n"
        case let fault as MailFault: "dragoman: \(fault.reason)\n"
        case StoreError.unavailable(let reason), StoreError.damaged(let reason): "dragoman: the store: \(reason)\n"
        default: "dragoman: \(error)\n"
        }
    }
}
