import Identity

/// The numbers that `/metrics` shows, in Prometheus' text form.
enum MetricsText {
    static func write(counts: RequestCounts, hasher: PasswordHasher, readiness: Readiness) -> String {
        var text = """
            # HELP dragoman_ready Whether new requests are wanted.
            # TYPE dragoman_ready gauge
            dragoman_ready \(readiness.phase == .serving ? 1 : 0)
            # HELP dragoman_hashes_running Passwords being hashed.
            # TYPE dragoman_hashes_running gauge
            dragoman_hashes_running \(hasher.running)
            # HELP dragoman_hashes_waiting Passwords waiting to be hashed.
            # TYPE dragoman_hashes_waiting gauge
            dragoman_hashes_waiting \(hasher.waiting)
            # HELP dragoman_requests_total Requests answered.
            # TYPE dragoman_requests_total counter

            """
        let all = counts.all
        for (key, requests, _) in all { text += "dragoman_requests_total{\(labels(key))} \(requests)\n" }
        text += "# HELP dragoman_request_seconds_total Time spent on answers.\n# TYPE dragoman_request_seconds_total counter\n"
        for (key, _, time) in all { text += "dragoman_request_seconds_total{\(labels(key))} \(seconds(time))\n" }
        return text
    }

    private static func labels(_ key: RequestCounts.Key) -> String { "frontend=\"\(key.frontend)\",status=\"\(key.status)\"" }

    private static func seconds(_ span: Duration) -> String {
        let microseconds = span.components.attoseconds / 1_000_000_000_000
        let digits = String(microseconds)
        return "\(span.components.seconds).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    }
}
