package import DialectEngine
package import Identity
import Logging
import Mail
package import ServiceLifecycle
package import Storage
import UnixSignals

/// Configuration in, running services out.
///
/// Start here.
///
/// `open` makes what lives as long as the process (store, keys, threads); `services` are what runs, in the order in which they start; a
/// reload replaces the frontends behind the listeners and nothing else.
package final class Assembly: Sendable {
    package let options: ServeOptions
    package let environment: IdentityEnvironment
    package let readiness = Readiness()
    private let plan: Plan
    private let meters = Meters()
    private let startedAt: Instant
    let live: [ListenAddress: LiveFrontends]
    private let shared: SharedParts
    private let worker: OutboxWorker
    /// What looks at what others write, and tells them.
    private let watches: [any Service]
    private let upstreams: UpstreamPools
    private let shelf: any KeyShelf
    private let budget: DescriptorBudget
    /// Held for as long as the process serves.
    private let lock: ServingLock?

    /// Opens the store, reads or makes the keys, seeds empty realms.
    ///
    /// - Throws: `AssemblyFault` in words for an operator.
    package static func open(_ plan: Plan, _ options: ServeOptions) async throws -> Assembly {
        let store = try await openStore(plan.configuration, now: options.now())
        do {
            return try await StorePatience.$current.withValue(.work) { try await Assembly(plan, options, store: store) }
        } catch {
            await store.close()
            throw error
        }
    }

    /// The store of a configuration, for a run or for one command.
    package static func openStore(_ configuration: Configuration, now: Instant) async throws -> SQLStore {
        // The address of a database holds a password.
        let name = configuration.store == .sqlite ? configuration.storePath : "in PostgreSQL"
        do {
            try PrivateFile.makeFolder(configuration.state)
            switch configuration.store {
            case .sqlite: return try SQLStore.sqlite(path: configuration.storePath, now: now)
            case .postgres(let address): return try await SQLStore.postgres(url: address.text, now: now)
            }
        } catch let error as PrivateFile.Fault {
            throw AssemblyFault("the state folder \(configuration.state) cannot be made: \(error.reason)")
        } catch let error as StoreError {
            switch error {
            case .unavailable(let reason), .damaged(let reason): throw AssemblyFault("the store \(name): \(reason)")
            case .taken, .conflict: throw AssemblyFault("the store \(name) cannot be opened")
            }
        }
    }

    private init(_ plan: Plan, _ options: ServeOptions, store: SQLStore) async throws {
        self.plan = plan
        self.options = options
        lock = await Self.serving(plan.configuration, store, at: options.now())
        let limit = DescriptorBudget.raiseLimit()
        // A reload may bring an upstream that was missing.
        let hasUpstreams = plan.frontends.contains { !$0.dialect.guards.isEmpty }
        guard let budget = DescriptorBudget(limit: limit, listeners: plan.addresses.count, hasUpstreams: hasUpstreams) else {
            throw AssemblyFault("\(limit) open files are too few for \(plan.addresses.count) addresses: raise `ulimit -n`")
        }
        self.budget = budget
        upstreams = UpstreamPools(limit: budget.upstreams)
        let mark = ChangeMark(uptime: SystemClock.uptime)
        let known = KnownTokens()
        let now = options.now
        startedAt = now()
        let worker = OutboxWorker(
            outbox: StoreOutbox(store: store), transport: try Self.transport(plan.configuration), log: options.log,
            now: { now().microseconds }, sleep: { try await Task.sleep(for: $0) })
        self.worker = worker
        environment = IdentityEnvironment(
            store: MarkedStore(store, mark: mark, known: known) { worker.wake() }, now: options.now, random: options.random,
            hasher: PasswordHasher(cores: options.hashThreads, waitingLimit: options.hashQueue, uptime: SystemClock.uptime),
            commonPasswords: .shipped,
            signing: SigningThreads(threads: HashingThreads(count: options.hashThreads, waitingLimit: 256)),
            report: EventLog(log: options.log).report)
        let counters = RequestCounters(isShared: store.isShared)
        watches =
            store.isShared
            ? [
                FeedService(store: store, mark: mark, log: options.log),
                CountService(store: store, counters: counters, log: options.log, now: options.now),
            ] : [ChangeWatch(store: store, mark: mark, known: known)]
        shared = SharedParts(mark: mark, known: known, counters: counters, meters: meters)
        let nobody = meters.routes.nobody
        shelf = Self.shelf(of: plan.configuration, environment, options)
        let tables = try await Self.tables(plan, environment, options, shared, shelf)
        if shelf.isShared { readiness.expectKeys(within: shelf.lead, from: SystemClock.uptime()) }
        live = tables.mapValues { LiveFrontends($0, nobody: nobody) }
        try await prepareAccounts(of: plan.frontends)
    }

    /// Sends at once what a server that died had in its hands, unless another one lives.
    private static func serving(_ configuration: Configuration, _ store: some IdentityStore, at now: Instant) async -> ServingLock? {
        guard case .sqlite = configuration.store, let lock = ServingLock(path: configuration.storePath + ".serving") else { return nil }
        // Who came after this one claims for longer. What cannot be released waits until its claim ends.
        let end = now + OutboxPolicy().lease
        if lock.wasAlone { try? await store.write { try $0.releaseOutbox(at: now, before: end) } }
        return lock
    }

    /// Seeds realms, and refuses published passwords in production.
    private func prepareAccounts(of frontends: [PlannedFrontend]) async throws {
        for frontend in frontends {
            do {
                if plan.configuration.profile == .production {
                    let found = try await PublishedPasswordCheck(environment: environment).run(frontend)
                    guard found.isEmpty else {
                        throw AssemblyFault(
                            "frontend `\(frontend.configuration.name)`: a published password still fits \(found.joined(separator: ", ")); "
                                + "change it or delete the account before production starts")
                    }
                }
                try await Seeding(environment: environment, log: options.log).run(frontend)
            } catch let error as AccountFault {
                throw AssemblyFault("frontend `\(frontend.configuration.name)`: \(error.description)")
            } catch let error as StoreError {
                throw AssemblyFault("frontend `\(frontend.configuration.name)`: the store does not answer (\(error))")
            }
        }
    }

    // MARK: Running

    /// Everything that runs, in the order in which it starts; it ends the other way round.
    ///
    /// `onListening` is told the ports once every address is served.
    package func services(
        onListening: @escaping @Sendable ([ListenAddress: Int]) async -> Void = { _ in }
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let configuration = plan.configuration
        var quiet = options.log
        quiet.logLevel = max(quiet.logLevel, .warning)
        let readiness = readiness
        let arrivals = Arrivals(plan.addresses.count + 1) { ports in
            readiness.serve()
            await onListening(ports)
        }
        let management = ListenerService(
            listeners: [
                .init(
                    address: configuration.management,
                    site: site(with: managementResponder, at: configuration.management, connections: DescriptorBudget.management),
                    connections: DescriptorBudget.management)
            ], log: quiet, arrivals: arrivals)
        let listeners = ListenerService(
            listeners: plan.addresses.compactMap { address in
                live[address].map {
                    let site = site(with: $0, at: address, connections: budget.perListener)
                    meters.add(site.meter)
                    return .init(address: address, site: site, connections: budget.perListener)
                }
            }, log: quiet, arrivals: arrivals)
        var services: [any Service] = [StoreService(environment: environment), management] + watches
        services += [
            OutboxService(worker: worker),
            PruningService(store: environment.store, shelf: shelf, now: options.now, log: options.log), keyWatch, listeners,
        ]
        // Of a store that other instances write to nobody knows all tokens.
        if configuration.store == .sqlite {
            services.append(
                TokenCensus(store: environment.store, mark: shared.mark, known: shared.known) { [live] in live.values.flatMap(\.frontends) }
            )
        }
        if options.takesSignals { services.append(ReloadService { [self] in _ = await reload() }) }
        services.append(DrainService(readiness: readiness, lull: options.lull, log: options.log))
        return services.map { .init(service: NamedService(service: $0)) }
    }

    private var keyWatch: KeyWatch {
        let live = live
        return KeyWatch(
            shelf: shelf, keys: { live.values.flatMap(\.frontends).flatMap { [$0.keys, $0.internalTokens?.keys].compactMap { $0 } } },
            mark: shared.mark, readiness: readiness, log: options.log, now: options.now, pause: options.keyPause)
    }

    /// A group of all services, with the signals and the limit of the drain.
    package func group(
        onListening: @escaping @Sendable ([ListenAddress: Int]) async -> Void = { _ in }
    ) throws -> ServiceGroup {
        var quiet = options.log
        quiet.logLevel = max(quiet.logLevel, .critical)
        var configuration = ServiceGroupConfiguration(
            services: try services(onListening: onListening), gracefulShutdownSignals: options.takesSignals ? [.sigterm, .sigint] : [],
            logger: quiet)
        configuration.maximumGracefulShutdownDuration = options.drain
        return ServiceGroup(configuration: configuration)
    }

    private func site(with responder: any EdgeResponder, at address: ListenAddress, connections: Int) -> EdgeSite {
        let readiness = readiness
        let clients = ClientAddresses(trusted: plan.configuration.trustedProxies)
        var log = options.log
        var limits = options.limits
        if responder is ManagementResponder {
            // The operator's own probes would drown what people did.
            log.logLevel = max(log.logLevel, .warning)
            // Few connections are to be had there, so none is for whoever says nothing.
            limits.idle = min(limits.idle, .seconds(10))
            limits.head = min(limits.head, .seconds(5))
        }
        return EdgeSite(
            responder: responder, limits: limits, clients: clients,
            log: AccessLog(log: log), dates: DateLine(now: options.now), ids: RequestIDs(random: options.random), upstreams: upstreams,
            meter: ListenerMeter(address: address.description, limit: connections, memories: HeadMemories()),
            budget: BodyBudget(limit: limits.heldBytes),
            peers: PeerCounts(connections: connections, clients: clients), now: options.now,
            isDraining: { readiness.isDraining })
    }

    private var managementResponder: ManagementResponder {
        let live = live
        let scrape = Scrape(
            meters: meters, readiness: readiness, hasher: environment.hasher, mails: worker.meter, store: environment.store,
            startedAt: startedAt, lostLogLines: options.lostLogLines,
            upstreams: {
                live.values.flatMap(\.frontends).flatMap { frontend in frontend.upstreams.values.map { (frontend.configuration.name, $0) } }
            })
        return ManagementResponder(store: environment.store, readiness: readiness, mark: shared.mark, scrape: scrape)
    }

    // MARK: Reloading

    /// Reads configuration and dialects anew.
    ///
    /// What is broken leaves the old in force and says why, with its place.
    package func reload() async -> DiagnosticReport {
        let (next, report) = Planner.plan(path: plan.configuration.file, environment: options.environment)
        guard let next else {
            for fault in report.errors {
                options.log.error("not reloaded", metadata: ["place": "\(fault.place)", "reason": "\(fault.message)"])
            }
            return report
        }
        do {
            try refuseWhatNeedsARestart(next)
            let tables = try await Self.tables(next, environment, options, shared, shelf)
            let known = Set(plan.frontends.map(\.configuration.realm))
            try await prepareAccounts(of: next.frontends.filter { !known.contains($0.configuration.realm) })
            let replaced = live.values.flatMap(\.frontends).flatMap(\.upstreams.values)
            for (address, table) in tables { live[address]?.replace(table) }
            upstreams.retire(replaced)
            options.log.notice("reloaded", metadata: ["frontends": "\(next.frontends.count)"])
            for warning in report.warnings { options.log.warning("\(warning.message)", metadata: ["place": "\(warning.place)"]) }
            return report
        } catch {
            let reason = (error as? AssemblyFault)?.description ?? "\(type(of: error))"
            options.log.error("not reloaded", metadata: ["reason": "\(reason)"])
            return DiagnosticReport([Diagnostic(.error, Place(file: plan.configuration.file, line: 1, column: 1), reason)])
        }
    }

    private func refuseWhatNeedsARestart(_ next: Plan) throws {
        let (old, new) = (plan.configuration, next.configuration)
        guard Set(next.addresses) == Set(plan.addresses), old.management == new.management else {
            throw AssemblyFault("other addresses need a restart")
        }
        guard old.state == new.state, old.store == new.store else { throw AssemblyFault("another store needs a restart") }
        guard old.storeKey == new.storeKey else { throw AssemblyFault("another `store-key` needs a restart") }
        guard old.mail.transport == new.mail.transport else { throw AssemblyFault("another mail transport needs a restart") }
        guard old.trustedProxies == new.trustedProxies, old.profile == new.profile else {
            throw AssemblyFault("another profile, or other trusted proxies, need a restart")
        }
    }

    // MARK: Parts

    private static func shelf(of configuration: Configuration, _ environment: IdentityEnvironment, _ options: ServeOptions) -> any KeyShelf
    {
        guard configuration.keysAreInStore else { return KeyCabinet(folder: configuration.keysFolder) }
        return KeyVault(
            store: environment.store, seal: configuration.storeKey.map(KeySeal.init), random: options.random, lead: options.keyLead)
    }

    private static func tables(
        _ plan: Plan, _ environment: IdentityEnvironment, _ options: ServeOptions, _ shared: SharedParts, _ shelf: any KeyShelf
    ) async throws -> [ListenAddress: FrontendTable] {
        var runtimes: [ListenAddress: [FrontendRuntime]] = [:]
        for frontend in plan.frontends {
            var environment = environment
            var log = options.log
            log[metadataKey: "frontend"] = "\(frontend.configuration.name)"
            let (events, told) = (shared.meters.events(of: frontend.configuration.name), EventLog(log: log))
            environment.tell = { event, address in
                events.count(event.kind)
                told.report(event, from: address)
            }
            let keys = try await LiveKeys.open(frontend, shelf, now: options.now(), makingWith: options.random)
            let internalKeys = try await LiveKeys.openInternal(frontend, shelf, now: options.now(), makingWith: options.random)
            runtimes[frontend.configuration.listen, default: []].append(
                FrontendRuntime(frontend, keys: keys, internalKeys: internalKeys, environment: environment, shared: shared))
        }
        return runtimes.mapValues { FrontendTable($0) }
    }

    private static func transport(_ configuration: Configuration) throws -> any MailTransport {
        switch configuration.mail.transport {
        case .mailbox: return MailboxTransport(folder: configuration.mailboxFolder)
        case .smtp(let url, let password):
            do {
                return SMTPTransport(try SMTPConfiguration(url: url, password: password?.text))
            } catch {
                throw AssemblyFault("mail: \(error.reason)")
            }
        }
    }
}
