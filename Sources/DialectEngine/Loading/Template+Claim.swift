import Identity

/// What a claim made by a template looks like when it comes back.
extension Template {
    /// The JSON kind of the claim; `any` where it depends on the account.
    var claimKind: ClaimRules.Requirement.Kind {
        switch self {
        case .literal(let value): value.claimKind
        case .object: .object
        case .list, .each: .list
        case .text: .string
        case .reference(let reference): reference.claimKind
        case .choice(when: _, is: _, let then, let other): then.claimKind == other.claimKind ? then.claimKind : .any
        }
    }

    /// Whether some account's claim is null.
    var mayBeNull: Bool {
        switch self {
        case .literal(let value): value.isNull
        case .object, .list, .each, .text: false
        case .reference(let reference): reference.mayBeNull
        case .choice(when: _, is: _, let then, let other): then.mayBeNull || other.mayBeNull
        }
    }
}

extension Reference {
    fileprivate var claimKind: ClaimRules.Requirement.Kind {
        formatters.reduce(source.claimKind) { kind, formatter in
            switch formatter {
            case .string, .iso, .isoMilliseconds, .date, .prefix, .suffix, .join, .mask, .base64url, .url: .string
            case .int, .epoch, .epochMilliseconds, .count: .integer
            case .lower, .upper, .capitalized, .first: kind
            case .default, .enum: kind == .string ? .string : .any
            }
        }
    }

    fileprivate var mayBeNull: Bool {
        let isGiven = formatters.contains { formatter in
            switch formatter {
            case .default, .count: true
            default: false
            }
        }
        guard !isGiven, case .fact(let fact) = source else { return false }
        return fact.nullable
    }
}

extension Reference.Source {
    fileprivate var claimKind: ClaimRules.Requirement.Kind {
        switch self {
        // How an id is written is the codec's matter.
        case .fact(let fact) where fact.name == "account.id": .stringOrInteger
        case .fact(let fact): fact.kind.claimKind
        case .token(.issuedAt), .token(.expiresAt): .integer
        case .token(.jti), .token(.issuer), .token(.path): .string
        case .constant(let value): value.claimKind
        default: .any
        }
    }
}

extension Fact.Kind {
    fileprivate var claimKind: ClaimRules.Requirement.Kind {
        switch self {
        case .string: .string
        case .int: .integer
        case .bool: .bool
        case .time: .any
        }
    }
}

extension Value {
    fileprivate var claimKind: ClaimRules.Requirement.Kind {
        switch self {
        case .string: .string
        case .int: .integer
        case .bool: .bool
        case .list: .list
        case .object: .object
        case .null, .number, .time: .any
        }
    }
}
