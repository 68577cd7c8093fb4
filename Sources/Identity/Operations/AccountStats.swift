/// Tells callers about their sign-ins and usage.
package struct AccountStats {
    package static let signature = OperationSignature(
        .accountStats, need: .required, slots: [],
        outcomes: [.found: [.account, .usage]])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let account = try call.caller().account
        var facts = call.facts(account)
        facts.usage = UsageFacts(count: UsageMonth.count(of: account, at: call.now), limit: account.usageLimit, plan: account.plan)
        return (.found, facts)
    }
}
