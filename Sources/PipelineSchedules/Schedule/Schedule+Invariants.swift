import PipelineActions

extension Schedule {
    /// Stops the process if the schedule breaks an invariant, and names the invariant. O(actions).
    ///
    /// Builders, the CSV reader and the methods that add or remove transfers keep the invariants. A schedule that a
    /// caller puts together may break them, which ``validate(for:)`` reports as an error.
    package func _checkInvariants() {
        if let invariant = brokenInvariant() { InvariantChecks.fail("schedule '\(name)': \(invariant)") }
    }

    /// Returns the first broken invariant; nil if all hold. O(actions).
    ///
    /// - The chains number the stages in order. Each chain has one rank per stage and at least one micro-batch, and
    ///   each of these ranks has a row.
    /// - Each action is on the rank of its stage, and the chain of this stage has the action's micro-batch.
    package func brokenInvariant() -> String? {
        do throws(ScheduleError) {
            try checkChains()
        } catch {
            return error.description
        }
        let layout = StageLayout(chains)
        for (rank, row) in rows.enumerated() {
            for (position, step) in row.enumerated() {
                for action in [step.first, step.second].compactMap({ $0 }) {
                    let place = "rank \(rank), column \(position): \(action)"
                    guard action.stage < layout.stageCount else { return "\(place) has a stage that no chain has" }
                    guard layout.ranks[action.stage] == rank else {
                        return "\(place) is not on rank \(layout.ranks[action.stage]), which holds its stage"
                    }
                    guard action.microbatch < layout.microbatchCounts[action.stage] else {
                        return "\(place) has a micro-batch that its chain does not have"
                    }
                }
            }
        }
        return nil
    }
}
