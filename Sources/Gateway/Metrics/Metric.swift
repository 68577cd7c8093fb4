/// The names of all numbers that `/metrics` shows; `Metrics.md` lists them for operators, and a test holds it against this.
enum Metric: String, CaseIterable {
    case build = "dragoman_build_info"
    case ready = "dragoman_ready"
    case requests = "dragoman_requests_total"
    case requestSeconds = "dragoman_request_duration_seconds"
    case failures = "dragoman_failures_total"
    case events = "dragoman_events_total"
    case connectionsOpen = "dragoman_connections_open"
    case connectionsLimit = "dragoman_connections_limit"
    case connectionsAccepted = "dragoman_connections_accepted_total"
    case connectionsRefused = "dragoman_connections_refused_total"
    case memoryHits = "dragoman_memory_hits_total"
    case memoryMisses = "dragoman_memory_misses_total"
    case upstreamUp = "dragoman_upstream_up"
    case upstreamConnectionsOpen = "dragoman_upstream_connections_open"
    case upstreamConnectionsIdle = "dragoman_upstream_connections_idle"
    case upstreamFaults = "dragoman_upstream_faults_total"
    case hashesRunning = "dragoman_password_hashes_running"
    case hashesWaiting = "dragoman_password_hashes_waiting"
    case hashes = "dragoman_password_hashes_total"
    case hashesRefused = "dragoman_password_hashes_refused_total"
    case hashSeconds = "dragoman_password_hash_seconds_total"
    case outbox = "dragoman_outbox_mails"
    case mailsSent = "dragoman_mails_sent_total"
    case mailsFailed = "dragoman_mails_failed_total"
    case mailsPostponed = "dragoman_mails_postponed_total"
    case storeUp = "dragoman_store_up"
    case storePingSeconds = "dragoman_store_ping_seconds"
    case logLinesLost = "dragoman_log_lines_lost_total"
    case processStart = "dragoman_process_start_time_seconds"
    case processCPU = "dragoman_process_cpu_seconds_total"
    case processMemory = "dragoman_process_resident_memory_bytes"
    case processDescriptors = "dragoman_process_open_descriptors"

    enum Kind: String { case counter, gauge, histogram }

    var kind: Kind {
        if self == .requestSeconds { return .histogram }
        return rawValue.hasSuffix("_total") ? .counter : .gauge
    }

    /// In the order of their values.
    var labels: [String] {
        switch self {
        case .build: ["version"]
        case .requests: ["frontend", "route", "status"]
        case .requestSeconds: ["frontend", "route"]
        case .failures: ["frontend", "route", "kind"]
        case .events: ["frontend", "event"]
        case .connectionsOpen, .connectionsLimit, .connectionsAccepted, .connectionsRefused: ["listener"]
        case .memoryHits, .memoryMisses: ["memory"]
        case .upstreamUp: ["frontend", "upstream", "address"]
        case .upstreamConnectionsOpen, .upstreamConnectionsIdle: ["frontend", "upstream"]
        case .upstreamFaults: ["frontend", "upstream", "kind"]
        case .outbox: ["state"]
        case .ready, .hashesRunning, .hashesWaiting, .hashes, .hashesRefused, .hashSeconds, .mailsSent, .mailsFailed, .mailsPostponed,
            .storeUp, .storePingSeconds, .logLinesLost, .processStart, .processCPU, .processMemory, .processDescriptors:
            []
        }
    }

    var help: String {
        switch self {
        case .build: "Always 1; the version is a label."
        case .ready: "1 while new requests are wanted, 0 while starting and draining, and while keys that instances share cannot be read."
        case .requests: "Requests answered; 499 are those whose client left before its answer."
        case .requestSeconds: "Time from a request's head to its answer, or to the end of what an upstream sent."
        case .failures: "Requests refused, by the kind of failure that the dialect worded."
        case .events: "Security events, as the log tells them."
        case .connectionsOpen: "Client connections."
        case .connectionsLimit: "How many client connections the listener takes at once; further ones wait to be accepted."
        case .connectionsAccepted: "Client connections taken so far."
        case .connectionsRefused: "Client connections closed at once, as one client had too many."
        case .memoryHits: "Look-ups that a memory answered: heads (whole requests seen before), principals (tokens and API keys)."
        case .memoryMisses: "Look-ups that a memory could not answer."
        case .upstreamUp: "0 while an address is left alone because it did not answer."
        case .upstreamConnectionsOpen: "Connections to an upstream, those being made and idle ones included."
        case .upstreamConnectionsIdle: "Connections to an upstream that wait for a next request."
        case .upstreamFaults: "Requests that an upstream gave no answer to, or no whole one: unreachable, timeout, broken, full."
        case .hashesRunning: "Passwords being hashed."
        case .hashesWaiting: "Passwords waiting to be hashed."
        case .hashes: "Passwords hashed so far."
        case .hashesRefused: "Passwords not hashed because too many waited; answered 503."
        case .hashSeconds: "Time spent on hashing passwords, over all threads."
        case .outbox: "Mails in the outbox that wait or were given up; absent while the store does not answer."
        case .mailsSent: "Mails that the mail server took."
        case .mailsFailed: "Mails given up."
        case .mailsPostponed: "Tries to send a mail that are made again later."
        case .storeUp: "1 when the store answered this scrape within two seconds."
        case .storePingSeconds: "How long the store took to answer this scrape's ping; absent when it did not."
        case .logLinesLost: "Lines that the log had no room for, as nobody read what it wrote, or that could not be written."
        case .processStart: "When the process started, since 1970."
        case .processCPU: "CPU time of the process."
        case .processMemory: "Resident memory of the process."
        case .processDescriptors: "File descriptors that the process has open."
        }
    }
}
