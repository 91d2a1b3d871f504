import Dispatch
import Synchronization

/// The values for 0 ..< `count`, as many made at once as there are cores.
func inParallel<Value: Sendable>(_ count: Int, _ value: @Sendable (Int) -> Value) -> [Value] {
    let values = Mutex([Value?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let made = value(index)
        values.withLock { $0[index] = made }
    }
    return values.withLock { $0.compactMap(\.self) }
}
