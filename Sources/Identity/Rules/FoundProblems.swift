/// The problems found so far, in whatever order they are found.
struct FoundProblems {
    private var places: [(place: Int, problem: FieldProblem)] = []
    private var slots: Set<Slot> = []
    private var silent: Set<Slot> = []
    private let report: Validation.Report

    init(report: Validation.Report) { self.report = report }

    var isEmpty: Bool { places.isEmpty }

    /// Whether the slot has a problem.
    func has(_ slot: Slot) -> Bool { slots.contains(slot) }

    /// Whether no other rule of the slot may speak.
    func isSilent(_ slot: Slot) -> Bool { silent.contains(slot) }

    /// Whether nothing that stands at this place or behind it would be told.
    func isSettled(before place: Int) -> Bool { report == .first && places.contains { $0.place < place } }

    mutating func add(_ rule: FieldRule, at place: Int, parameters: [String: Value] = [:], silencing: Bool = false) {
        slots.insert(rule.slot)
        if silencing { silent.insert(rule.slot) }
        let problem = FieldProblem(
            slot: rule.slot, wireName: rule.wireName, rule: rule.check.name, message: rule.message, parameters: parameters)
        places.append((place, problem))
    }

    /// In the order of the rules.
    var told: [FieldProblem] {
        // The offset keeps a wrong type, found first, before the rule whose place it takes.
        let problems = places.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element.problem)
        return report == .first ? Array(problems.prefix(1)) : problems
    }
}
