import DistributedRuntime
import Foundation
import LibTorch
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

/// The device to test: the first CUDA device if CONTRAFLOW_TEST_CUDA is 1; the CPU, to test the tests themselves, if it is
/// `cpu`; otherwise none, because counting devices loads CUDA into the process.
private let device: Device? =
    switch ProcessInfo.processInfo.environment["CONTRAFLOW_TEST_CUDA"] {
    case nil: nil
    case "cpu": .cpu
    default: (try? Device.cudaCount()) ?? 0 > 0 ? .cuda(0) : nil
    }

/// The tests of a CUDA device, which `make test-cuda` runs. They need no file and no other program. All ranks are threads
/// that share the device.
@Suite("CUDA device", .serialized, .enabled(if: device != nil)) struct CUDATests {
    /// On the CPU, a small form is enough: the integration tests run all schedules.
    private static let runs = IntegrationRun.threads(on: device ?? .cpu).filter {
        device != .cpu || $0.schedule == .dualPipe
    }

    @Test("A tensor made on a device has the same values as on the CPU") func tensors() throws {
        let device = try #require(device)
        try device.makeCurrent()
        defer { try? Device.cpu.makeCurrent() }
        let numbers = try Tensor.normal([3, 5], .float64, seed: 3)
        #expect(numbers.device == device)
        let onCPU = try Device.cpu.perform { try Tensor.normal([3, 5], .float64, seed: 3) }
        #expect(onCPU.device == .cpu)
        #expect(try numbers.doubles() == onCPU.doubles())
        #expect(try numbers.withBytes { Array($0) } == onCPU.withBytes { Array($0) })
        #expect(try Tensor([1, 2, 3], shape: [3]).integers() == [1, 2, 3])
        if device != .cpu { #expect(try device.memory().total > 0) }
        try TensorMemory.startCounting()
        let before = TensorMemory.live
        let block = try Tensor.zeros([1 << 20], .float32)
        #expect(TensorMemory.live - before >= block.byteCount)
    }

    @Test("Float64 gradients on a device are those of one process on the CPU", arguments: runs)
    func gradients(run: IntegrationRun) throws {
        try run.expectReference(try run.outcome())
    }

    @Test(
        "Twenty DualPipe training steps on a device have the losses of one process on the CPU",
        arguments: runs.filter { $0.schedule == .dualPipe })
    func losses(run: IntegrationRun) throws {
        let run = run.halved
        let expected = try run.reference(steps: 20).losses
        let losses = try run.outcome(steps: 20).losses
        #expect(losses.count == expected.count)
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-8 * reference) }
    }

    /// Batches and initial weights are equal, and both runs use float32, so that the losses stay close.
    @Test(
        "The debug preset trains on a device as on the CPU, and has times of execution there",
        arguments: device == .cpu ? [(2, 2)] : [(1, 1), (2, 2)])
    func debugPreset(layout: (pipeline: Int, experts: Int)) throws {
        let device = try #require(device)
        let expected = try Self.metrics(layout, on: .cpu)
        let metrics = try Self.metrics(layout, on: device)
        #expect(metrics.count == 20 && metrics.count == expected.count)
        for (step, reference) in zip(metrics, expected) {
            #expect(abs(step.loss - reference.loss) <= 1e-2, "step \(step.step)")
            #expect(step.bubble != nil && (step.hiddenCommunication != nil) == (layout.experts > 1))
        }
    }

    private static func metrics(_ layout: (pipeline: Int, experts: Int), on device: Device) throws -> [StepMetrics] {
        try withTemporaryFolder { folder in
            let text = folder.appending(path: "text")
            var generator = SeededGenerator(11)
            try Data((0..<1 << 16).map { _ in UInt8.random(in: 97...122, using: &generator) }).write(to: text)
            var recipe = Preset.debug.recipe
            recipe.training.datasetPath = [text.path(percentEncoded: false)]
            recipe.training.device = device == .cpu ? .cpu : .cuda
            recipe.training.ranksPerDevice = layout.pipeline * layout.experts
            recipe.parallelism.pipelineParallelDegree = layout.pipeline
            recipe.parallelism.expertParallelDegree = layout.experts
            recipe.model.dtype = .float32
            let (schedule, checked) = (try recipe.preflight { _ in [] }, recipe)
            return try World(checked.grid).run { place in
                var place = place
                place.copiesBetweenThreads = true
                place.timesStreams = true
                if device == .cpu { try place.use(.cpu) }
                let loop = try TrainingLoop(
                    recipe: checked, schedule: schedule, place: place, folder: RunFolder(url: folder))
                var metrics: [StepMetrics] = []
                try loop.run { metrics.append($0) }
                return metrics
            }[0]
        }
    }
}
