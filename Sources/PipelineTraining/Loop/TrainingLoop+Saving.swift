import RankHeartbeats
import TrainingRecipes
import TrainingRuns

extension TrainingLoop {
    /// The largest number of steps that may fail before training comes further.
    private static let failureLimit = 10

    /// Waits until the checkpoint of `step` is complete. Saves it if it was not being saved, or saving it has failed.
    ///
    /// - Throws: `SavedStateError` on every rank if the checkpoint cannot be saved.
    func finishSaving(_ step: Int) throws {
        var (saved, problems) = try saver.finish()
        problems.forEach(warn)
        guard saved < step else { return }
        try saver.begin(state.manifest(step: step, recipe)).forEach(warn)
        (saved, problems) = try saver.finish()
        guard saved >= step else {
            throw SavedStateError(
                problems.first ?? "rank 0 did not save the checkpoint of step \(step): see its log",
                isOfOtherRank: problems.isEmpty)
        }
    }

    /// Reacts to a step whose loss or gradient is not finite as the recipe says. Every rank calls the method, because
    /// the error is thrown on every rank.
    ///
    /// - Returns: The step that training continues with.
    /// - Throws: The error, if training ends. The state before the step is saved.
    func continued(
        after error: NonFiniteError, in step: Int, report: () throws -> Void, rewind: (Int) throws -> Void
    ) throws -> Int {
        try report()
        state.fail(in: step)
        if state.failures <= Self.failureLimit {
            switch recipe.training.onNonfinite {
            case .stop: break
            case .skip:
                warn("\(error.problem); the step is skipped")
                return step + 1
            case .rewind:
                if let last = try rewound(after: error, in: step) {
                    try rewind(last)
                    return last + 1
                }
            }
        }
        page.phase = .end
        if recipe.checkpoint.enable, step > 1 { try finishSaving(step - 1) }
        throw error
    }

    /// Loads the last checkpoint and leaves out the batch of `step` from now on. Returns the step of the checkpoint; nil
    /// if there is none.
    private func rewound(after error: NonFiniteError, in step: Int) throws -> Int? {
        page.phase = .saving
        let batch = state.batch(ofStep: step)
        try saver.finish().problems.forEach(warn)
        guard
            let loaded = try trainer.loadCheckpoint(
                CheckpointFolder(url: folder.checkpoint), recipe: recipe, data: state.data)
        else { return nil }
        state.skippedBatches = (state.skippedBatches + [batch]).sorted()
        warn(
            "\(error.problem); training goes back to the checkpoint of step \(loaded.manifest.step) and leaves out batch "
                + "\(batch)")
        return loaded.manifest.step
    }
}
