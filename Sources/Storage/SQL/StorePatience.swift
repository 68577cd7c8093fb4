/// How long whoever asks the store waits for its answer at most, all steps together.
///
/// What is long by right is lent more: `StorePatience.$current.withValue(.work) { ... }`. A database within this process takes no notice.
package enum StorePatience: Sendable {
    /// A client waits for the answer, which is 503 within two seconds.
    case request
    /// Batches, moves and commands: one statement may read a whole table.
    case work

    @TaskLocal package static var current: StorePatience = .request
}
