import Dispatch
import Synchronization

/// Returns the values for 0 ..< `count`, computed in parallel on all cores.
package func inParallel<Value: Sendable>(_ count: Int, _ value: @Sendable (Int) -> Value) -> [Value] {
    let values = Mutex([Value?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let made = value(index)
        values.withLock { $0[index] = made }
    }
    return values.withLock { $0.compactMap(\.self) }
}
