import PipelineRuntime
import LibTorch
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Timelines

/// A stage of emulated layers.
final class EmulatedLayers: PipelineStage {
    private let costs: LayerCosts
    private let device: EmulatedDevice
    private let recorder: SpanRecorder
    private let computing, exchanging: SpanRecorder.Key
    private let output, inputGradient: Tensor?

    init(_ costs: LayerCosts, device: EmulatedDevice, recorder: SpanRecorder, output: Tensor?, inputGradient: Tensor?) {
        self.costs = costs
        self.device = device
        self.recorder = recorder
        self.output = output
        self.inputGradient = inputGradient
        computing = recorder.key(.segments, .segment(SegmentEvent("compute", .forward)))
        exchanging = recorder.key(.forwardExchanges, .exchange(SegmentEvent("exchange", .forward), nil))
    }

    func segments(of kind: ActionKind) -> ActionSegments { costs.segments(of: kind) }

    func start(_ action: Action, input: Tensor?) throws -> ActionRun {
        device.begin()
        let segments = segments(of: action.kind)
        let run =
            switch action.kind {
            case .weightGradient:
                Run(SegmentSequence(segments.weights.map { .compute(cost: $0.cost) }), stage: self, value: nil)
            case .forward: Run(segments.sequence, stage: self, value: output)
            default: Run(segments.sequence, stage: self, value: inputGradient)
            }
        return ActionRun(advance: run.advance, result: run.result)
    }

    private final class Run {
        private let sequence: SegmentSequence
        private let stage: EmulatedLayers
        private let value: Tensor?
        private var ends: [Int64] = []

        init(_ sequence: SegmentSequence, stage: EmulatedLayers, value: Tensor?) {
            self.sequence = sequence
            self.stage = stage
            self.value = value
        }

        func advance() throws {
            let part = sequence.segments[ends.count]
            let ready = part.reads.map { ends[$0] }.max() ?? 0
            switch part.resource {
            case .compute:
                let interval = stage.device.compute(part.cost, after: ready)
                // An exchange that is not overlapped occupies the device.
                let isExchange = LayerCosts.exchangeNames.contains(part.name)
                stage.recorder.record(isExchange ? stage.exchanging : stage.computing, interval)
                ends.append(interval.upperBound)
            case .channel:
                let interval = stage.device.exchange(part.cost, after: ready)
                stage.recorder.record(stage.exchanging, interval)
                ends.append(interval.upperBound)
            }
        }

        func result() throws -> Tensor? {
            stage.device.wait(until: sequence.resultReads.map { ends[$0] }.max() ?? 0)
            return value
        }
    }
}
