/// A pattern as it is written, before it becomes a program.
indirect enum PatternNode: Sendable {
    case one(ScalarSet)
    case start
    case end
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `most` is nil for no bound.
    case repeated(PatternNode, least: Int, most: Int?)

    /// The instructions that the node becomes, or more than `limit` when it would be so many; counted without writing them.
    func length(limit: Int) -> Int {
        let length: Int
        switch self {
        case .one, .start, .end:
            length = 1
        case .sequence(let parts):
            length = parts.reduce(0) { min($0 + $1.length(limit: limit), limit + 1) }
        case .choice(let branches):
            length = branches.reduce(-2) { min($0 + $1.length(limit: limit) + 2, limit + 1) }
        case .repeated(let part, let least, let most):
            // An empty part counts as one, so that its counts, too, are bounded.
            let once = max(part.length(limit: limit), 1)
            if let most {
                length = once * least + (once + 1) * (most - least)
            } else {
                length = least == 0 ? once + 2 : once * least + 1
            }
        }
        return min(length, limit + 1)
    }

    /// Whether every match begins at the text's start.
    var isAnchored: Bool {
        switch self {
        case .start: true
        case .one, .end: false
        case .sequence(let parts): parts.first?.isAnchored ?? false
        case .choice(let branches): branches.allSatisfy(\.isAnchored)
        case .repeated(let part, let least, _): least > 0 && part.isAnchored
        }
    }
}
