import Identity

/// One segment of a pattern of paths.
enum PathStep: Hashable, Sendable {
    case literal(String)
    /// The name, a dot and anything: `report.*`.
    case suffixed(String)
    /// One of the supported languages.
    case locale
    /// Any one segment that is not empty.
    case one
    /// Whatever follows, nothing included.
    case rest

    /// In lower case, as far as it is ASCII.
    var folded: PathStep {
        switch self {
        case .literal(let name): .literal(name.loweringASCII())
        case .suffixed(let name): .suffixed(name.loweringASCII())
        case .locale, .one, .rest: self
        }
    }
}

extension PathPattern.Segment {
    var step: PathStep {
        switch self {
        case .literal(let name): .literal(name)
        case .parameter: .one
        case .locale: .locale
        }
    }
}

extension GuardPath.Segment {
    var step: PathStep {
        switch self {
        case .literal(let name): .literal(name)
        case .suffixed(let name): .suffixed(name)
        case .one: .one
        case .rest: .rest
        case .locale: .locale
        }
    }
}
