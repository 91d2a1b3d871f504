import DistributedRuntime
import Foundation
import LibTorch
import PipelineSchedules
import PipelineTraining
import Testing

/// Devices to test on; 0 unless they were asked for, as looking for them loads CUDA into the process.
private let deviceCount =
    ProcessInfo.processInfo.environment["CONTRAFLOW_TEST_CUDA"] == nil ? 0 : (try? Device.cudaCount()) ?? 0

/// What needs CUDA devices: `make test-cuda` runs it. Ranks are threads, each with a device of its own.
@Suite(.serialized, .enabled(if: deviceCount > 0)) struct CUDATests {
    private static let layouts = ParallelTests.layouts.filter { $0.pipeline * $0.experts <= deviceCount }

    private static func run(_ layout: ParallelTests.Layout, steps: Int = 0) throws -> ParallelTests.Outcome {
        try ParallelTests.run(layout, steps: steps) { try Device.cuda($0.rank).makeCurrent() }
    }

    @Test func tensorsGoToTheDeviceAndBack() throws {
        try Device.cuda(0).makeCurrent()
        defer { try? Device.cpu.makeCurrent() }
        let numbers = try Tensor.normal([3, 5], .float64, seed: 3)
        #expect(numbers.device == .cuda(0))
        let onCPU = try Device.cpu.perform { try Tensor.normal([3, 5], .float64, seed: 3) }
        #expect(onCPU.device == .cpu)
        #expect(try numbers.doubles() == onCPU.doubles())
        #expect(try numbers.withBytes { Array($0) } == onCPU.withBytes { Array($0) })
        #expect(try Tensor([1, 2, 3], shape: [3]).integers() == [1, 2, 3])
        #expect(try Device.cuda(0).memory().total > 0)
        let before = TensorMemory.live
        let block = try Tensor.zeros([1 << 20], .float32)
        #expect(TensorMemory.live - before >= block.byteCount)
    }

    /// Gradients on devices against those of one process on the CPU, tensor by tensor, in float64.
    @Test(arguments: layouts) func gradientsAreThoseOfTheCPU(layout: ParallelTests.Layout) throws {
        try ParallelTests.expectSerial(try Self.run(layout))
    }

    @Test(arguments: layouts.filter { $0.schedule == .dualPipe })
    func twentyLossesAreThoseOfTheCPU(layout: ParallelTests.Layout) throws {
        let expected = try ParallelTests.serialSteps.get()
        let losses = try Self.run(layout, steps: 20).losses
        #expect(losses.count == expected.count)
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-8 * reference) }
    }
}
