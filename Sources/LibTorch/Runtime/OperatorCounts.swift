import CLibTorch

/// The operators of libtorch that ran on a thread, with their numbers of calls.
package struct OperatorCounts {
    /// The calls of each operator, such as `aten::mm`.
    package private(set) var calls: [String: Int] = [:]
    /// The calls of each operator that computed values themselves, instead of calling other operators or making views.
    /// Each is about one launch on a device.
    package private(set) var launches: [String: Int] = [:]

    /// Runs `body` and returns its result with the operators that it runs, backward passes included.
    package static func counting<Result>(
        _ body: () throws -> Result
    ) throws -> (result: Result, operators: OperatorCounts) {
        try check(ct_operators_start())
        let result = Swift.Result { try body() }
        var counts = OperatorCounts()
        try check(
            withUnsafeMutablePointer(to: &counts) { counts in
                ct_operators_stop(
                    { context, name, calls, launches in
                        guard let context, let name else { return }
                        context.assumingMemoryBound(to: OperatorCounts.self).pointee
                            .add(String(cString: name), calls: Int(calls), launches: Int(launches))
                    }, counts)
            })
        return (try result.get(), counts)
    }

    private mutating func add(_ name: String, calls callCount: Int, launches launchCount: Int) {
        calls[name] = callCount
        if launchCount > 0 { launches[name] = launchCount }
    }
}
