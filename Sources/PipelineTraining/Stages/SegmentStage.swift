package import LibTorch
package import MoEModels
package import PipelineSchedules

/// A stage whose arithmetic is a graph of segments.
package final class SegmentStage: StageKernels {
    private let graph: SegmentGraph
    private let stage: Int
    private let exchange: ExpertExchange
    private let recorder: SpanRecorder?
    private let observe: (_ name: String, _ values: [Double]) -> Void
    private var batch: StageBatch?
    private var goesBack = false
    private var live: [Int: MicrobatchRun] = [:]
    private var labels: [Int: SegmentLabels] = [:]

    /// - Parameters:
    ///   - stage: The stage's number, for the timeline.
    ///   - observe: Is given what each micro-batch reports.
    package init(
        graph: SegmentGraph, stage: Int, exchange: ExpertExchange, recorder: SpanRecorder? = nil,
        observe: @escaping (_ name: String, _ values: [Double]) -> Void
    ) {
        precondition(!graph.segments.isEmpty, "a stage has at least one segment")
        self.graph = graph
        self.stage = stage
        self.exchange = exchange
        self.recorder = recorder
        self.observe = observe
    }

    /// Sets what the next step's micro-batches bring, and whether they go back.
    package func begin(_ batch: StageBatch, goesBack: Bool) {
        precondition(live.isEmpty, "a step ends with all micro-batches back")
        self.batch = batch
        self.goesBack = goesBack
    }

    package func parts(of kind: ActionKind) -> [ActionPart] {
        let forward = graph.segments.map { segment in
            if case .exchange = segment.work { ActionPart(exchange: segment.name) } else { ActionPart() }
        }
        // Counts have no gradient to send back.
        let backward = graph.segments.reversed().map { segment in
            if case .exchange(let kind) = segment.work, kind != .counts {
                ActionPart(exchange: "gradient of \(segment.name)")
            } else {
                ActionPart()
            }
        }
        return switch kind {
        case .forward: forward
        case .backward, .inputGradient: backward
        default: [ActionPart()]
        }
    }

    package func startForward(microbatch: Int, input: Tensor?) throws -> any ActionRun {
        guard let batch else { preconditionFailure("a step begins with its batch") }
        let run = try MicrobatchRun(
            graph: graph, data: batch.data(microbatch), input: input, batchCounts: batch.counts, exchange: exchange,
            goesBack: goesBack, labels: labels(microbatch))
        if goesBack { live[microbatch] = run }
        return ForwardAction(run: run, observe: observe)
    }

    package func startBackward(
        microbatch: Int, outputGradient: Tensor?, deferringWeights: Bool
    ) throws -> any ActionRun {
        guard let run = live[microbatch] else {
            preconditionFailure("micro-batch \(microbatch) has not run forward")
        }
        run.startBackward(outputGradient: outputGradient)
        if !deferringWeights { live[microbatch] = nil }
        return BackwardAction(run: run, runsWeights: !deferringWeights)
    }

    package func runWeights(microbatch: Int) throws {
        try live.removeValue(forKey: microbatch)?.runWeights()
    }

    private func labels(_ microbatch: Int) -> SegmentLabels? {
        guard let recorder else { return nil }
        if let known = labels[microbatch] { return known }
        let made = SegmentLabels(graph: graph, stage: stage, microbatch: microbatch, recorder: recorder)
        labels[microbatch] = made
        return made
    }
}

private final class ForwardAction: ActionRun {
    private let run: MicrobatchRun
    private let observe: (_ name: String, _ values: [Double]) -> Void

    init(run: MicrobatchRun, observe: @escaping (_ name: String, _ values: [Double]) -> Void) {
        self.run = run
        self.observe = observe
    }

    func advance() throws -> Bool { try run.stepForward() }

    func result() throws -> Tensor? {
        for (name, values) in try run.observations() { observe(name, values) }
        return try run.output()
    }
}

private final class BackwardAction: ActionRun {
    private let run: MicrobatchRun
    private let runsWeights: Bool

    init(run: MicrobatchRun, runsWeights: Bool) {
        self.run = run
        self.runsWeights = runsWeights
    }

    func advance() throws -> Bool { try run.stepBackward(runsWeights: runsWeights) }

    func result() throws -> Tensor? { try run.inputGradient() }
}
