import Foundation
import Synchronization

/// Work on a thread of its own.
final class BackgroundWork<Success: Sendable>: Sendable {
    private let outcome = Mutex<Result<Success, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    /// Starts the work.
    init(_ body: @escaping @Sendable () throws -> Success) {
        Thread.detachNewThread { [self] in
            let result = Result(catching: body)
            outcome.withLock { $0 = result }
            isDone.signal()
        }
    }

    /// The result; nil while the work continues.
    var result: Result<Success, any Error>? { outcome.withLock { $0 } }

    /// Waits for the result.
    func wait() -> Result<Success, any Error> {
        isDone.wait()
        isDone.signal()
        return result ?? .failure(CancellationError())
    }
}
