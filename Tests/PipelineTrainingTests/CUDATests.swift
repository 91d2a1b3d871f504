import DistributedRuntime
import Foundation
import LibTorch
import PipelineSchedules
import PipelineTraining
import Testing

/// The number of devices to test on. It is 0 unless CUDA tests are asked for, because counting devices loads CUDA into
/// the process.
private let deviceCount =
    ProcessInfo.processInfo.environment["CONTRAFLOW_TEST_CUDA"] == nil ? 0 : (try? Device.cudaCount()) ?? 0

/// The tests that need CUDA devices, which `make test-cuda` runs. Ranks are threads, each with a device of its own.
@Suite("CUDA devices", .serialized, .enabled(if: deviceCount > 0)) struct CUDATests {
    private static let runs = IntegrationRun.everySchedule.filter { $0.pipeline * $0.experts <= deviceCount }.map {
        $0.with("CUDA") { $0.device = { .cuda($0) } }
    }

    @Test("A tensor made on a device has the same values as on the CPU") func tensors() throws {
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

    @Test("Float64 gradients on devices are those of one process on the CPU", arguments: runs)
    func gradients(run: IntegrationRun) throws {
        try run.expectReference(try run.outcome())
    }

    @Test(
        "Twenty DualPipe training steps on devices have the losses of one process on the CPU",
        arguments: runs.filter { $0.schedule == .dualPipe })
    func losses(run: IntegrationRun) throws {
        let run = run.halved
        let expected = try run.reference(steps: 20).losses
        let losses = try run.outcome(steps: 20).losses
        #expect(losses.count == expected.count)
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-8 * reference) }
    }
}
