import PipelineSchedules

extension Simulation {
    /// Why each span of ``timeline`` starts when it does: `at once` behind the step before it, or what it waited for and
    /// for how long. In the order of the timeline's spans. O(actions).
    public var causes: [String] {
        let sources = StepSources(schedule)
        var causes: [String] = []
        for (rank, row) in schedule.rows.enumerated() {
            for (position, step) in row.enumerated() {
                let start = start(ofRank: rank, position: position)
                let free =
                    position == 0
                    ? 0
                    : self.start(ofRank: rank, position: position - 1) + duration(ofRank: rank, position: position - 1)
                var cause = "at once"
                if start > free, let source = awaited(rank, start, step, sources) {
                    let needed = schedule.rows[source.rank][source.position]
                    cause = "waited \(formatted(start - free)) for \(needed) of rank \(source.rank)"
                }
                step.forEachAction { _ in causes.append(cause) }
            }
        }
        return causes
    }

    private func formatted(_ nanoseconds: Int64) -> String {
        nanoseconds < 1000 ? "\(nanoseconds) ns" : "\(Double((nanoseconds + 500) / 1000) / 1000) ms"
    }
}
