import Glibc

/// Takes a password from a person, a pipe or the environment; never from arguments, which every user of the machine can read.
package enum PasswordInput {
    /// `DRAGOMAN_PASSWORD`, else standard input to its first line's end, asked for without echo when a person sits there.
    package static func read(environment: [String: String]) throws -> SecretText {
        if let text = environment["DRAGOMAN_PASSWORD"], !text.isEmpty { return SecretText(text) }
        guard isatty(0) == 1 else { return SecretText(try line()) }
        let first = try asked("Password: ")
        guard try asked("Again: ") == first else { throw AssemblyFault("the two differ") }
        return SecretText(first)
    }

    private static func asked(_ prompt: String) throws -> String {
        LineLog.standardError(Array(prompt.utf8))
        var before = termios()
        tcgetattr(0, &before)
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(0, TCSAFLUSH, &silent)
        defer {
            tcsetattr(0, TCSAFLUSH, &before)
            LineLog.standardError([UInt8(ascii: "\n")])
        }
        return try line()
    }

    private static func line() throws -> String {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { throw AssemblyFault("a password is needed") }
        return line
    }
}
