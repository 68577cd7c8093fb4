import Identity

extension DialectCompiler {
    /// What can be judged only of the whole.
    func check(_ dialect: Dialect) {
        CatalogueCheck(languages: languages.supported, catalogue: catalogue, places: messagePlaces, findings: findings).run()
        RouteCheck(routes: dialect.routes, findings: findings).run()
        GuardCheck(guards: dialect.guards, routes: dialect.routes, findings: findings).run()
        OperationCheck(dialect: dialect, tree: tree, findings: findings).run()
        SecretCheck(findings: findings).run(tree)
        WeaknessCheck(dialect: dialect, tree: tree, findings: findings).run()
        refuseRepeats((tree["limits"]?.items ?? []).compactMap { $0["name"] }, "limit")
    }
}
