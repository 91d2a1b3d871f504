import LibTorch

/// The marks of a step. The next step uses them again.
final class StepMarks {
    private var origin: Mark?
    private var marks: [Mark] = []
    private var used = 0

    /// The number of marks that exist.
    var count: Int { marks.count }

    /// Returns the index of a mark that the step does not use yet. `place` gives the mark its place.
    func add(_ place: (Mark) throws -> Void) throws -> Int {
        if used == marks.count { marks.append(try Mark()) }
        try place(marks[used])
        used += 1
        return used - 1
    }

    /// Returns the times of all marks of the step on the host's clock. The current stream must have done all of its work.
    ///
    /// - Throws: `LibTorchError` if a stream has not reached one of the marks.
    func times() throws -> [Int64] {
        // The idle stream reaches the origin at once.
        let origin = try origin ?? Mark()
        self.origin = origin
        let before = HostClock.now()
        try origin.record()
        try origin.synchronize()
        let time = (before + HostClock.now()) / 2
        return try marks.prefix(used).map { time + (try $0.nanoseconds(since: origin)) }
    }

    /// Frees all marks for the next step.
    func clear() { used = 0 }
}
