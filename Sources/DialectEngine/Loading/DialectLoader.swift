import Identity

/// Makes a dialect of its folder: reads, checks and compiles, and reports every fault at once.
package enum DialectLoader {
    /// What a load came to: a dialect only when nothing is wrong, and all that was found, weaknesses among it.
    package struct Outcome: Sendable {
        package var dialect: Dialect?
        package var report: DiagnosticReport
    }

    /// Loads the dialect of a folder.
    ///
    /// `parents` is where the dialects lie that others extend; by default beside this one.
    package static func load(
        folder: String, settings: [String: ChosenSetting] = [:], parents: String? = nil
    ) -> Result<Dialect, DiagnosticReport> {
        guard let files = DialectFiles(folder: folder) else {
            let place = Place(file: folder + "/dialect.yaml", line: 1, column: 1)
            return .failure(DiagnosticReport([Diagnostic(.error, place, "there is no such file, or it cannot be read")]))
        }
        let shelf = parents ?? folder + "/.."
        let outcome = load(files, settings: settings) { DialectFiles(folder: "\(shelf)/\($0)") }
        guard let dialect = outcome.dialect else { return .failure(outcome.report) }
        return .success(dialect)
    }

    /// Loads from files at hand; `parent` finds the dialect that this one extends.
    package static func load(
        _ files: DialectFiles, settings: [String: ChosenSetting] = [:], parent: (String) -> DialectFiles? = { _ in nil }
    ) -> Outcome {
        var family = [files]
        var trees: [YAMLNode] = []
        var faults: [Diagnostic] = []
        while let youngest = family.last {
            let path = youngest.displayName("dialect.yaml")
            let start = Place(file: path, line: 1, column: 1)
            for name in youngest.unreadable {
                faults.append(Diagnostic(.error, Place(file: youngest.displayName(name), line: 1, column: 1), "is no UTF-8"))
            }
            guard let text = youngest.texts["dialect.yaml"] else {
                if faults.isEmpty { faults.append(Diagnostic(.error, start, "there is no such file")) }
                break
            }
            let (root, found) = YAMLReader.read(text, file: path)
            faults += found
            guard let root else { break }
            trees.append(root)
            guard let word = root["extends"], let name = word.text else { break }
            guard family.count < 8, let next = parent(name) else {
                let words = family.count < 8 ? "there is no dialect `\(name)` to extend" : "the dialects extend each other in a circle"
                faults.append(Diagnostic(.error, word.place, words))
                break
            }
            family.append(next)
        }
        let findings = Findings(sources: sources(of: family))
        for fault in faults { findings.error(fault.place, fault.message) }
        guard var tree = trees.last, trees.count == family.count else { return Outcome(dialect: nil, report: findings.report) }
        for child in trees.dropLast().reversed() { tree = DialectInheritance(findings: findings).merge(child, over: tree) }
        var files = family[0]
        files.elders = Array(family.dropFirst())
        return compile(tree, files: files, settings: settings, findings: findings)
    }

    private static func compile(
        _ tree: YAMLNode, files: DialectFiles, settings chosen: [String: ChosenSetting], findings: Findings
    ) -> Outcome {
        let settings = SettingsTable(tree["settings"], chosen: chosen, findings: findings)
        let filled = settings.filled(tree)
        SchemaCheck(findings: findings).check(filled, DialectSchema.root)
        let dialect = DialectCompiler(tree: filled, files: files, settings: settings, findings: findings).compile()
        let report = findings.report
        guard report.errors.isEmpty, var dialect else { return Outcome(dialect: nil, report: report) }
        dialect.weaknesses = report.warnings.map(\.message)
        return Outcome(dialect: dialect, report: report)
    }

    private static func sources(of family: [DialectFiles]) -> [String: String] {
        var sources: [String: String] = [:]
        for files in family {
            for (name, text) in files.texts { sources[files.displayName(name)] = text }
        }
        return sources
    }
}
