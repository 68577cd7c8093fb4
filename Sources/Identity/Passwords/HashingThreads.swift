import Dispatch
import Glibc
import Synchronization

/// A fixed number of threads of the lowest priority with a bounded queue, for work that holds a core for long.
///
/// They are apart from the cooperative pool and from event loops, so hashing delays no other request. Callers take turns, and none fills the
/// queue: who asks for much waits for it, and nobody else does. Work that was taken is always done, also when `stop()` comes meanwhile.
package final class HashingThreads: Sendable {
    /// Does the work and returns what tells of it.
    fileprivate typealias Job = @Sendable () -> @Sendable () -> Void

    private let queue: Queue
    private let threads: [pthread_t]

    /// How many jobs may wait besides those being worked on.
    package let waitingLimit: Int

    /// Starts the threads.
    ///
    /// `count` and `waitingLimit` are at least 1.
    package init(count: Int, waitingLimit: Int) {
        let queue = Queue(limit: max(1, waitingLimit))
        self.waitingLimit = max(1, waitingLimit)
        self.queue = queue
        self.threads = (0..<max(1, count)).compactMap { _ in Self.start(queue) }
        queue.state.withLock { $0.living = threads.count }
    }

    deinit {
        // Without stop() the threads work the queue off and end by themselves.
        let joined = queue.close(threads.count)
        if !joined { for thread in threads { pthread_detach(thread) } }
    }

    /// How many threads were started.
    package var count: Int { threads.count }

    /// How many jobs wait for a thread now.
    package var waiting: Int { queue.state.withLock(\.waiting) }

    /// How many jobs are being worked on now.
    package var running: Int { queue.state.withLock { $0.running } }

    /// Queues work; nil when it was taken, else how many were waiting: the queue or the caller's share is full, or the threads were stopped.
    ///
    /// `caller`: on whose behalf, empty for this machine itself. `tell` is given the answer by the thread, which does not count as running
    /// any more.
    package func submit<Answer: Sendable>(
        for caller: String = "", _ work: @escaping @Sendable () -> Answer, then tell: @escaping @Sendable (Answer) -> Void = { _ in }
    ) -> Int? {
        let job: Job = {
            let answer = work()
            return { tell(answer) }
        }
        let refused: Int? = queue.state.withLock { state in
            guard !state.isClosed, state.living > 0, state.append(job, caller) else { return state.waiting }
            return nil
        }
        if refused == nil { queue.wake.signal() }
        return refused
    }

    /// Takes no more work, waits until what was queued is done, and joins the threads.
    ///
    /// Safe to call more than once.
    package func stop() async {
        queue.close(threads.count)
        await withCheckedContinuation { continuation in
            let alreadyGone = queue.state.withLock { state in
                guard state.living > 0 else { return true }
                state.onEmpty.append(continuation)
                return false
            }
            if alreadyGone { continuation.resume() }
        }
        let mine = queue.state.withLock { state in
            defer { state.isJoined = true }
            return !state.isJoined
        }
        // Each has left its loop, so none of these waits for work.
        if mine { for thread in threads { pthread_join(thread, nil) } }
    }

    private static func start(_ queue: Queue) -> pthread_t? {
        var thread = pthread_t()
        let held = Unmanaged.passRetained(queue)
        let status = pthread_create(
            &thread, nil,
            { argument in
                // On Linux a "process" of setpriority is a thread, and 0 is this one.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
                if let argument { Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, held.toOpaque())
        guard status == 0 else {
            held.release()
            return nil
        }
        return thread
    }
}

/// What the threads share.
///
/// They hold it and not their owner, so the owner can be let go.
private final class Queue: Sendable {
    struct State {
        private var shares: FairShares
        private var jobs: [String: [HashingThreads.Job]] = [:]
        /// Who has jobs, in the order in which they are served.
        private var turns: [String] = []
        var running = 0
        var living = 0
        var isClosed = false
        var isJoined = false
        var onEmpty: [CheckedContinuation<Void, Never>] = []

        init(limit: Int) { shares = FairShares(limit: limit) }

        var waiting: Int { shares.total }

        /// Whether there was room.
        mutating func append(_ job: @escaping HashingThreads.Job, _ caller: String) -> Bool {
            guard shares.take(for: caller) else { return false }
            if jobs[caller, default: []].isEmpty { turns.append(caller) }
            jobs[caller, default: []].append(job)
            return true
        }

        /// The next job of whose turn it is.
        mutating func next() -> HashingThreads.Job? {
            guard !turns.isEmpty else { return nil }
            let caller = turns.removeFirst()
            shares.give(from: caller)
            let job = jobs[caller]?.removeFirst()
            if jobs[caller]?.isEmpty == true { jobs[caller] = nil } else { turns.append(caller) }
            return job
        }
    }

    let state: Mutex<State>
    /// Signalled once per job, and once per thread at the end.
    let wake = DispatchSemaphore(value: 0)

    init(limit: Int) { state = Mutex(State(limit: limit)) }

    /// Lets the threads end when nothing is left; true when they were joined already.
    @discardableResult
    func close(_ threads: Int) -> Bool {
        let (isFirst, isJoined) = state.withLock { state in
            defer { state.isClosed = true }
            return (!state.isClosed, state.isJoined)
        }
        if isFirst { for _ in 0..<threads { wake.signal() } }
        return isJoined
    }

    func work() {
        while true {
            wake.wait()
            let job: HashingThreads.Job? = state.withLock { state in
                guard let job = state.next() else { return nil }
                state.running += 1
                return job
            }
            guard let job else { break }
            let tell = job()
            state.withLock { $0.running -= 1 }
            tell()
        }
        let waiters = state.withLock { state in
            state.living -= 1
            guard state.living == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.onEmpty = [] }
            return state.onEmpty
        }
        for waiter in waiters { waiter.resume() }
    }
}
