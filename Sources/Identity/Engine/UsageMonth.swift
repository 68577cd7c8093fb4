/// Usage is counted per calendar month of UTC; a count of an earlier month is as none.
///
/// The month stands among the attributes under a name that no dialect can declare. A count without a month (an import's) is of the month in
/// which it is first looked at for counting.
enum UsageMonth {
    private static let attribute = "usage.month"

    static func count(of account: Account, at now: Instant) -> Int64 {
        guard let month = account.attributes[attribute]?.string else { return account.usageCount }
        return month.hasSameBytes(as: name(now)) ? account.usageCount : 0
    }

    /// Brings the count into this month.
    static func turn(_ account: inout Account, at now: Instant) {
        account.usageCount = count(of: account, at: now)
        account.attributes[attribute] = .string(name(now))
    }

    /// `YYYY-MM`.
    private static func name(_ moment: Instant) -> String { String(moment.isoDate.prefix(7)) }
}
