/// A pattern as instructions, run with the set of all states that it may be in (Thompson 1968), so no text makes it go back.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case one(ScalarSet)
        case start
        case end
        case split(Int, Int)
        case jump(Int)
        case match
    }

    static let longest = 2000

    private var instructions: [Instruction] = []
    private let isAnchored: Bool

    init(_ node: PatternNode) throws(PatternFault) {
        isAnchored = node.isAnchored
        guard node.length(limit: Self.longest) < Self.longest else {
            throw PatternFault(reason: "it needs more than \(Self.longest) states with its counts written out")
        }
        emit(node)
        instructions.append(.match)
    }

    func matches(_ text: String, steps: inout Int) -> Bool {
        var states = StateSet(capacity: instructions.count)
        var next = StateSet(capacity: instructions.count)
        var scalars = text.unicodeScalars.makeIterator()
        var scalar = scalars.next()
        var isAtStart = true
        while true {
            if isAtStart || !isAnchored {
                if enter(0, &states, isAtStart: isAtStart, isAtEnd: scalar == nil, steps: &steps) { return true }
            }
            guard let current = scalar, !states.isEmpty || !isAnchored else { return false }
            scalar = scalars.next()
            isAtStart = false
            next.removeAll()
            for state in states.waiting {
                steps += 1
                guard case .one(let set) = instructions[state], set.contains(current) else { continue }
                if enter(state + 1, &next, isAtStart: false, isAtEnd: scalar == nil, steps: &steps) { return true }
            }
            swap(&states, &next)
        }
    }

    /// Follows all that needs no scalar from a state; true when the match is reached.
    private func enter(_ first: Int, _ states: inout StateSet, isAtStart: Bool, isAtEnd: Bool, steps: inout Int) -> Bool {
        states.pending.append(first)
        while let state = states.pending.popLast() {
            guard states.see(state) else { continue }
            steps += 1
            switch instructions[state] {
            case .one: states.waiting.append(state)
            case .start: if isAtStart { states.pending.append(state + 1) }
            case .end: if isAtEnd { states.pending.append(state + 1) }
            case .jump(let target): states.pending.append(target)
            case .split(let a, let b):
                states.pending.append(b)
                states.pending.append(a)
            case .match: return true
            }
        }
        return false
    }

    private mutating func emit(_ node: PatternNode) {
        switch node {
        case .one(let set): instructions.append(.one(set))
        case .start: instructions.append(.start)
        case .end: instructions.append(.end)
        case .sequence(let parts):
            for part in parts { emit(part) }
        case .choice(let branches):
            emit(choice: branches)
        case .repeated(let part, let least, let most):
            emit(part, least: least, most: most)
        }
    }

    private mutating func emit(choice branches: [PatternNode]) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = instructions.count
            instructions.append(.match)
            emit(branch)
            jumps.append(instructions.count)
            instructions.append(.match)
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = branches.last { emit(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emit(_ part: PatternNode, least: Int, most: Int?) {
        var last = instructions.count
        for _ in 0..<least {
            last = instructions.count
            emit(part)
        }
        guard let most else {
            if least > 0 {
                instructions.append(.split(last, instructions.count + 1))
                return
            }
            let split = instructions.count
            instructions.append(.match)
            emit(part)
            instructions.append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(instructions.count)
            instructions.append(.match)
            emit(part)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }
}

/// The states of one moment: each once, and those that wait for a scalar in a list.
private struct StateSet {
    var waiting: [Int] = []
    /// Still to be followed.
    var pending: [Int] = []
    /// The round in which a state was seen last, so that emptying costs nothing.
    private var seen: [Int]
    private var round = 1

    init(capacity: Int) { seen = Array(repeating: 0, count: capacity) }

    var isEmpty: Bool { waiting.isEmpty }

    mutating func see(_ state: Int) -> Bool {
        guard seen[state] != round else { return false }
        seen[state] = round
        return true
    }

    mutating func removeAll() {
        waiting.removeAll(keepingCapacity: true)
        round += 1
    }
}
