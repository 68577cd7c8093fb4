import Identity
import Mail
import NIOCore
import Synchronization

/// Gathers what `/metrics` shows.
///
/// No path as it was asked for, no account and no client's address is in it.
struct Scrape: Sendable {
    let meters: Meters
    let readiness: Readiness
    let hasher: PasswordHasher
    let mails: MailMeter
    let store: any IdentityStore
    let startedAt: Instant
    let lostLogLines: @Sendable () -> Int
    /// Of the present configuration.
    let upstreams: @Sendable () -> [(frontend: String, upstream: Upstream)]

    private struct StoreFigures: Sendable {
        var ping: Duration
        var waiting: Int64
        var failed: Int64
    }

    /// The whole text; a store that hangs delays it by two seconds.
    func text() async -> String {
        let figures = await storeFigures()
        var page = MetricsPage()
        page.write(.build, [([DragomanVersion.text], "1")])
        page.write(.ready, readiness.phase == .serving && !readiness.missesKeys(at: SystemClock.uptime()) ? 1 : 0)
        writeRoutes(to: &page)
        page.write(
            .events,
            meters.events.flatMap { meter in
                IdentityEvent.Kind.allCases.map { ([meter.frontend, EventMeter.label($0)], String(meter.count(of: $0))) }
            })
        writeConnections(to: &page)
        writeMemories(to: &page)
        writeUpstreams(to: &page)
        writeHashes(to: &page)
        let outbox = figures.map { [("waiting", $0.waiting), ("failed", $0.failed)] } ?? []
        page.write(.outbox, outbox.map { ([$0.0], String($0.1)) })
        let mails = mails.reading
        page.write(.mailsSent, mails.sent)
        page.write(.mailsFailed, mails.failed)
        page.write(.mailsPostponed, mails.postponed)
        page.write(.storeUp, figures == nil ? 0 : 1)
        page.write(.storePingSeconds, figures.map { [([], MetricsPage.seconds($0.ping))] } ?? [])
        writeProcess(to: &page)
        return page.text
    }

    private func storeFigures() async -> StoreFigures? {
        await StoreProbe(store: store).ask { store in
            let start = ContinuousClock.now
            try await store.ping()
            let ping = ContinuousClock.now - start
            return try await store.read {
                StoreFigures(ping: ping, waiting: try $0.outboxCount(.waiting), failed: try $0.outboxCount(.failed))
            }
        }
    }

    private func writeRoutes(to page: inout MetricsPage) {
        let all = meters.routes.all.map { (labels: [$0.frontend, $0.route], reading: $0.reading) }
        page.write(
            .requests,
            all.flatMap { labels, reading in
                reading.statuses.sorted { $0.status < $1.status }.map { (labels + [String($0.status)], String($0.count)) }
            })
        // What nobody asked for yet has no histogram: a dozen lines for each route would be most of the text.
        page.write(
            .requestSeconds, bounds: RouteMeter.bounds,
            all.filter { !$0.reading.statuses.isEmpty }.map { ($0.labels, $0.reading.buckets, $0.reading.time) })
        page.write(
            .failures,
            all.flatMap { labels, reading in
                reading.failures.sorted { $0.kind.rawValue < $1.kind.rawValue }.map { (labels + [$0.kind.rawValue], String($0.count)) }
            })
    }

    private func writeConnections(to page: inout MetricsPage) {
        let listeners = meters.listeners
        page.write(.connectionsOpen, listeners.map { ([$0.address], String($0.open)) })
        page.write(.connectionsLimit, listeners.map { ([$0.address], String($0.limit)) })
        page.write(.connectionsAccepted, listeners.map { ([$0.address], String($0.accepted)) })
        page.write(.connectionsRefused, listeners.map { ([$0.address], String($0.refusals)) })
    }

    private func writeMemories(to page: inout MetricsPage) {
        let heads = meters.listeners.flatMap(\.memories.meters)
        page.write(
            .memoryHits,
            [(["heads"], String(heads.reduce(0) { $0 + $1.hits })), (["principals"], String(meters.principals.hits))])
        page.write(
            .memoryMisses,
            [(["heads"], String(heads.reduce(0) { $0 + $1.misses })), (["principals"], String(meters.principals.misses))])
    }

    private func writeUpstreams(to page: inout MetricsPage) {
        let now = NIODeadline.now()
        page.write(
            .upstreamUp,
            upstreams().sorted { ($0.frontend, $0.upstream.name) < ($1.frontend, $1.upstream.name) }.flatMap { frontend, upstream in
                // The same address may stand there twice.
                let up = Dictionary(upstream.targets.map { ($0.address.description, !$0.isDown(at: now)) }) { $0 || $1 }
                return up.sorted { $0.key < $1.key }.map { ([frontend, upstream.name, $0.key], $0.value ? "1" : "0") }
            })
        let known = meters.upstreams
        page.write(.upstreamConnectionsOpen, known.map { ([$0.frontend, $0.name], String($0.open.load(ordering: .relaxed))) })
        page.write(.upstreamConnectionsIdle, known.map { ([$0.frontend, $0.name], String($0.idle.load(ordering: .relaxed))) })
        page.write(
            .upstreamFaults,
            known.flatMap { meter in
                UpstreamFault.allCases.map { ([meter.frontend, meter.name, $0.rawValue], String(meter.count(of: $0))) }
            })
    }

    private func writeHashes(to page: inout MetricsPage) {
        let reading = hasher.meter.reading
        page.write(.hashesRunning, hasher.running)
        page.write(.hashesWaiting, hasher.waiting)
        page.write(.hashes, reading.done)
        page.write(.hashesRefused, reading.refused)
        page.write(.hashSeconds, reading.time)
    }

    private func writeProcess(to page: inout MetricsPage) {
        page.write(.logLinesLost, lostLogLines())
        let figures = ProcessFigures.current()
        page.write(.processStart, .microseconds(startedAt.microseconds))
        page.write(.processCPU, figures.cpu)
        page.write(.processMemory, ifKnown: figures.residentBytes)
        page.write(.processDescriptors, ifKnown: figures.descriptors)
    }
}
