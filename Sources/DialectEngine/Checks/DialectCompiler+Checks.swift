import Identity

extension DialectCompiler {
    /// What can be judged only of the whole.
    func check(_ dialect: Dialect) {
    }
}
