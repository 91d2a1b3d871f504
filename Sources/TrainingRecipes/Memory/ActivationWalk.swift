import PipelineSchedules

/// The activations of a rank while it runs its row of a schedule: those of segments that ran forward, and those that
/// wait for weight gradients.
struct ActivationWalk {
    /// The segments of each stage.
    private let stages: [[SegmentMemory]]
    private var live = 0.0
    /// The largest bytes of activations so far.
    private(set) var peak = 0.0

    init(_ row: [Step], stages: [[SegmentMemory]]) {
        self.stages = stages
        let steps = row.filter { $0 != .idle }
        var joined: Action?
        for (index, step) in steps.enumerated() {
            if let joined, step == Step(joined) { continue }
            joined = index + 1 < steps.count ? weights(in: steps[index + 1], of: step) : nil
            run(step, runsWeights: joined != nil)
        }
    }

    /// Returns the weight gradients that a step consists of, if they belong to the input gradients of the step before.
    /// The runtime runs both as one step if the stage exchanges tokens.
    private func weights(in step: Step, of before: Step) -> Action? {
        var isOwn = false
        before.forEachAction { action in
            isOwn =
                isOwn
                || action.kind == .inputGradient && Step(action.with(.weightGradient)) == step
                    && stages[action.stage].contains { $0.name == "dispatch" }
        }
        return isOwn ? step.first : nil
    }

    /// Runs the segments of a step. Those of a forward and a backward alternate, and weight gradients follow their
    /// segments, as in the runtime's first plan of overlap.
    ///
    /// - Parameter runsWeights: Whether the weight gradients of an input gradient are part of the step.
    private mutating func run(_ step: Step, runsWeights: Bool) {
        var forward: [SegmentMemory] = []
        var backward: [SegmentMemory] = []
        var weights: [SegmentMemory] = []
        var runsWeights = runsWeights
        step.forEachAction { action in
            let segments = stages[action.stage]
            switch action.kind {
            case .forward: forward = segments
            case .backward: (backward, runsWeights) = (segments.reversed(), true)
            case .inputGradient: backward = segments.reversed()
            case .weightGradient: weights = segments.reversed()
            default: break
            }
        }
        for part in 0..<max(forward.count, backward.count) {
            if part < forward.count {
                add(forward[part].keptBytes, besides: forward[part].forwardBytes)
            }
            guard part < backward.count else { continue }
            let segment = backward[part]
            replace(segment.keptBytes, by: segment.deferredBytes, besides: segment.backwardBytes)
            if runsWeights { replace(segment.deferredBytes, by: 0, besides: segment.weightBytes) }
        }
        for segment in weights { replace(segment.deferredBytes, by: 0, besides: segment.weightBytes) }
    }

    /// Adds bytes that remain, and counts those that exist only meanwhile.
    private mutating func add(_ bytes: Double, besides working: Double) {
        live += bytes
        peak = max(peak, live + working)
    }

    /// Replaces bytes by others, and counts those that exist only meanwhile.
    private mutating func replace(_ old: Double, by new: Double, besides working: Double) {
        peak = max(peak, live + working)
        live += new - old
        peak = max(peak, live)
    }
}
