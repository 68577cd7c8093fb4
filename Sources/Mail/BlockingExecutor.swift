import Dispatch

/// Runs an actor on a thread of its own, for work that blocks.
///
/// A serial queue that targets no other has its own thread while it has work; so a call that hangs holds up this actor and nobody
/// on Swift's cooperative pool.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// An executor whose thread carries `label`.
    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }
}
