package import LibTorch
package import MoEModels
package import PipelineSchedules
import SchedulePlanning

/// A stage whose arithmetic is a graph of segments.
package final class SegmentStage: PipelineStage {
    private let graph: SegmentGraph
    private let stage: Int
    private let exchange: TokenDispatcher
    private let recorder: SpanRecorder?
    private let observe: (_ name: String, _ values: Tensor) throws -> Void
    /// Whether a segment reads each of a micro-batch's tensors.
    private let readsData: [Bool]
    private let forwardSegments, backwardSegments, inputGradientSegments, weightSegments: ActionSegments
    private var batch: StageBatch?
    private var runsBackward = false
    private var live: [Int: MicrobatchRun] = [:]
    private var keys: [Int: SegmentKeys] = [:]

    /// - Parameters:
    ///   - stage: The stage's number, for the timeline.
    ///   - observe: Receives the values that each micro-batch reports.
    package init(
        graph: SegmentGraph, stage: Int, exchange: TokenDispatcher, recorder: SpanRecorder? = nil,
        observe: @escaping (_ name: String, _ values: Tensor) throws -> Void
    ) {
        precondition(!graph.segments.isEmpty, "a stage has at least one segment")
        self.graph = graph
        self.stage = stage
        self.exchange = exchange
        self.recorder = recorder
        self.observe = observe
        let read = Set(graph.segments.flatMap(\.inputs))
        readsData = graph.data.map(read.contains)
        forwardSegments = ActionSegments(graph.forwardSegments)
        inputGradientSegments = ActionSegments(graph.backwardSegments)
        weightSegments = ActionSegments(weights: graph.weightSegments)
        backwardSegments = ActionSegments(inputGradientSegments.sequence, weights: weightSegments.weights)
    }

    /// Sets the micro-batches of the next step, and whether the step runs their backward.
    package func begin(_ batch: StageBatch, runsBackward: Bool) {
        precondition(live.isEmpty, "a step runs the weight gradients of all its micro-batches before the next begins")
        self.batch = batch
        self.runsBackward = runsBackward
    }

    package func segments(of kind: ActionKind) -> ActionSegments {
        switch kind {
        case .forward: forwardSegments
        case .backward: backwardSegments
        case .inputGradient: inputGradientSegments
        default: weightSegments
        }
    }

    package func start(_ action: Action, input: Tensor?) throws -> ActionRun {
        let microbatch = action.microbatch
        guard action.kind != .forward else {
            let run = try startForward(microbatch, input)
            return ActionRun(advance: run.stepForward) { [observe] in
                for (name, values) in try run.observations() { try observe(name, values) }
                return try run.output()
            }
        }
        guard let run = live[microbatch] else { preconditionFailure("micro-batch \(microbatch) has not run forward") }
        if action.kind == .weightGradient {
            live[microbatch] = nil
            return ActionRun(advance: run.stepWeights)
        }
        run.startBackward(outputGradient: input)
        return ActionRun(advance: run.stepBackward, result: run.inputGradient)
    }

    private func startForward(_ microbatch: Int, _ input: Tensor?) throws -> MicrobatchRun {
        guard let batch else { preconditionFailure("a step sets its batch before its first forward") }
        let run = try MicrobatchRun(
            graph: graph, data: data(of: batch, microbatch), input: input, batchCounts: batch.counts,
            exchange: exchange,
            runsBackward: runsBackward, keys: keys(microbatch))
        if runsBackward { live[microbatch] = run }
        return run
    }

    /// Returns the tensors of a micro-batch that the graph reads, on the rank's device.
    private func data(of batch: StageBatch, _ microbatch: Int) throws -> [Tensor?] {
        guard readsData.contains(true) else { return readsData.map { _ in nil } }
        let tensors = try Device.cpu.perform { try batch.data(microbatch) }
        precondition(tensors.count == readsData.count, "a micro-batch must have \(readsData.count) tensors")
        return try zip(tensors, readsData).map { $1 ? try $0.uploaded() : nil }
    }

    private func keys(_ microbatch: Int) -> SegmentKeys? {
        guard let recorder else { return nil }
        if let known = keys[microbatch] { return known }
        let made = SegmentKeys(graph: graph, stage: stage, microbatch: microbatch, recorder: recorder)
        keys[microbatch] = made
        return made
    }
}
