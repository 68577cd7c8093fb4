/// Usage is counted per calendar month of UTC; a count of an earlier month is as none.
///
/// The month stands among the attributes under a name that no dialect can declare. A count without a month (an import's) is of the month in
/// which it is first looked at for counting.
///
/// A clock that goes back into an earlier month was ahead by mistake, by however much. What was counted since is that month's, with what it
/// had before if it is the last one that was counted in: nobody has a month's uses twice, and nobody waits for the month of the mistake.
enum UsageMonth {
    private static let attribute = "usage.month"
    /// The last month counted in before this one, and its count.
    private static let before = "usage.before"

    static func count(of account: Account, at now: Instant) -> Int64 {
        guard let counted = account.attributes[attribute]?.string else { return account.usageCount }
        let month = name(now)
        guard counted >= month else { return 0 }
        guard counted > month, case .list(let last)? = account.attributes[before], last.first == .string(month),
            case .int(let uses)? = last.last
        else { return account.usageCount }
        let (sum, isTooMuch) = account.usageCount.addingReportingOverflow(uses)
        return isTooMuch ? .max : sum
    }

    /// Brings the count into this month.
    static func turn(_ account: inout Account, at now: Instant) {
        let (month, uses) = (name(now), account.usageCount)
        let counted = account.attributes[attribute]?.string ?? month
        account.usageCount = count(of: account, at: now)
        account.attributes[attribute] = .string(month)
        if counted != month { account.attributes[before] = counted < month ? .list([.string(counted), .int(uses)]) : nil }
    }

    /// `YYYY-MM`.
    private static func name(_ moment: Instant) -> String { String(moment.isoDate.prefix(7)) }
}
