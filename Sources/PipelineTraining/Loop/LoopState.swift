package import TrainingRecipes
package import TrainingRuns

/// The state of training besides the parameters.
package struct LoopState {
    /// The identity of the data; nil if there is none.
    let data: DataIdentity?
    /// The numbers of the batches that training leaves out, in increasing order.
    package var skippedBatches: [Int] = []
    /// The number of failures since training came further than before: of steps whose loss or gradient was not finite.
    package private(set) var failures = 0
    /// The furthest step that failed.
    private var furthestFailure = 0
    private var losses = RecentRange()
    private var norms = RecentRange()
    private var isOutlier = false
    private var validationLoss: Double?

    package init(data: DataIdentity? = nil) { self.data = data }

    /// Adds the metrics of steps, the last of which is the last that was trained.
    package mutating func add(_ steps: [StepMetrics]) {
        for step in steps {
            let isLossHigh = losses.add(step.loss)
            isOutlier = norms.add(step.gradientNorm) || isLossHigh
            validationLoss = step.validationLoss.flatMap { $0.isFinite ? $0 : nil }
        }
    }

    package mutating func succeed(in step: Int) {
        if step > furthestFailure { failures = 0 }
    }

    package mutating func fail(in step: Int) {
        furthestFailure = max(furthestFailure, step)
        failures += 1
    }

    /// Returns the number of the batch of a step: the step's own number, moved past the batches that are left out.
    package func batch(ofStep step: Int) -> Int {
        skippedBatches.reduce(step) { $1 <= $0 ? $0 + 1 : $0 }
    }

    /// Returns the manifest of a checkpoint after a step, without its files.
    package func manifest(step: Int, _ recipe: Recipe?) -> CheckpointManifest {
        var manifest = CheckpointManifest(step: step, recipe: recipe, data: data)
        manifest.validationLoss = validationLoss
        manifest.isOutlier = isOutlier
        manifest.skippedBatches = skippedBatches
        return manifest
    }
}
