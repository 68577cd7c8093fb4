extension MemoryTables {
    func counter(_ bucket: String) throws -> Counter? {
        try StoredText.check(bucket)
        return counters[Array(bucket.utf8)]
    }

    func count(_ bucket: String, window: Duration, at now: Instant) throws -> Counter {
        try StoredText.check(bucket)
        let key = Array(bucket.utf8)
        var counter = counters[key] ?? Counter(count: 0, startedAt: now, endsAt: now + window)
        if counter.endsAt <= now { counter.count = 0 }
        if counter.endsAt <= now || counter.startedAt > now { (counter.startedAt, counter.endsAt) = (now, now + window) }
        counter.count += 1
        counters[key] = counter
        return counter
    }

    func uncount(_ bucket: String, since start: Instant) throws {
        try StoredText.check(bucket)
        let key = Array(bucket.utf8)
        guard var counter = counters[key], counter.startedAt == start, counter.count > 0 else { return }
        counter.count -= 1
        counters[key] = counter.count > 0 ? counter : nil
    }

    func clear(_ bucket: String) throws {
        try StoredText.check(bucket)
        counters[Array(bucket.utf8)] = nil
    }

    func outboxCount(_ state: OutboxEntry.State) throws -> Int64 { Int64(outbox.rows.values.count { $0.state == state }) }

    func outbox(state: OutboxEntry.State?, limit: Int) throws -> [OutboxEntry] {
        let listed = outbox.rows.values.filter { state == nil || $0.state == state }
        return Array(listed.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.prefix(max(0, limit)))
    }

    func enqueue(_ entry: OutboxEntry) throws {
        try StoredText.check(entry.id, entry.realm, entry.recipient, entry.reason)
        guard outbox[entry.id] == nil else { throw StoreError.damaged("the mail's id is taken") }
        outbox[entry.id] = entry
    }

    func claimOutbox(at now: Instant, until: Instant) throws -> OutboxEntry? {
        let due = outbox.rows.values.filter { $0.state == .waiting && $0.notBefore <= now }
        guard var entry = due.min(by: { ($0.notBefore, $0.createdAt, $0.id) < ($1.notBefore, $1.createdAt, $1.id) }) else { return nil }
        entry.notBefore = until
        outbox[entry.id] = entry
        return entry
    }

    func releaseOutbox(at now: Instant, before end: Instant) throws {
        let claimed = outbox.rows.values.filter { $0.state == .waiting && $0.attempts == 0 && $0.notBefore > now && $0.notBefore < end }
        for var entry in claimed {
            entry.notBefore = now
            outbox[entry.id] = entry
        }
    }

    func outboxSent(_ id: String, at now: Instant) throws {
        try settle(id, as: .sent, at: now, reason: nil)
    }

    func outboxPostpone(_ id: String, until: Instant, reason: String) throws {
        try settle(id, as: .waiting, at: until, reason: reason)
    }

    func outboxFail(_ id: String, at now: Instant, reason: String) throws {
        try settle(id, as: .failed, at: now, reason: reason)
    }

    func prune(at now: Instant, limit: Int) throws -> Int {
        let limit = max(0, limit)
        let over = { (end: Instant, stays: Duration) in end <= now - stays ? end : nil }
        let oldTokens = tokens.keys(limit: limit) { over($0.expiresAt, Retention.tokens) }
        for case let token? in oldTokens.map({ tokens[$0] }) { remove(token) }
        let used = Set(tokens.rows.values.compactMap(\.session))
        let oldSessions = sessions.keys(limit: limit) { used.contains($0.id) ? nil : over($0.expiresAt, Retention.tokens) }
        for id in oldSessions { sessions[id] = nil }
        let oldSecrets = secrets.keys(limit: limit) { over($0.expiresAt, Retention.secrets) }
        for case let secret? in oldSecrets.map({ secrets[$0] }) { remove(secret) }
        let oldCounters = counters.keys(limit: limit) { over($0.endsAt, .zero) }
        for bucket in oldCounters { counters[bucket] = nil }
        let oldMails = outbox.keys(limit: limit) { mail in
            switch mail.state {
            case .waiting: nil
            case .sent: over(mail.notBefore, Retention.sentMails)
            case .failed: over(mail.notBefore, Retention.failedMails)
            }
        }
        for id in oldMails { outbox[id] = nil }
        let oldKeys = keys.keys(limit: limit) { key in key.endsAt.flatMap { over($0, .zero) } }
        for place in oldKeys { keys[place] = nil }
        return oldTokens.count + oldSessions.count + oldSecrets.count + oldCounters.count + oldMails.count + oldKeys.count
    }

    private func settle(_ id: String, as state: OutboxEntry.State, at moment: Instant, reason: String?) throws {
        try StoredText.check(id, reason)
        guard var entry = outbox[id], entry.state == .waiting else { return }
        entry.state = state
        entry.notBefore = moment
        entry.attempts += 1
        entry.reason = reason
        if state != .waiting { entry.payload = [] }
        outbox[id] = entry
    }
}
