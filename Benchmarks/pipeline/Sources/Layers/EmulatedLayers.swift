import LibTorch
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Timelines

/// A stage of emulated layers.
final class EmulatedLayers: StageKernels {
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
        computing = recorder.key(.segments, TimelineLabel(name: "compute", activity: .compute))
        exchanging = recorder.key(.forwardExchanges, TimelineLabel(name: "exchange", activity: .communication))
    }

    func parts(of kind: ActionKind) -> ActionParts { costs.parts(of: kind) }

    func start(_ action: Action, input: Tensor?) throws -> any ActionRun {
        device.begin()
        let parts = parts(of: action.kind)
        guard action.kind != .weightGradient else {
            return Run(WeaveSequence(parts.weights.map { .compute(cost: $0.cost) }), stage: self, value: nil)
        }
        return Run(parts.sequence, stage: self, value: action.kind == .forward ? output : inputGradient)
    }

    private final class Run: ActionRun {
        private let sequence: WeaveSequence
        private let stage: EmulatedLayers
        private let value: Tensor?
        private var ends: [Int64] = []

        init(_ sequence: WeaveSequence, stage: EmulatedLayers, value: Tensor?) {
            self.sequence = sequence
            self.stage = stage
            self.value = value
        }

        func advance() throws {
            let part = sequence.parts[ends.count]
            let ready = part.reads.map { ends[$0] }.max() ?? 0
            switch part.resource {
            case .compute:
                let interval = stage.device.compute(part.cost, after: ready)
                // What is not woven computes nothing while it exchanges.
                let isExchange = part.name.hasPrefix("dispatch") || part.name.hasPrefix("combine")
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
