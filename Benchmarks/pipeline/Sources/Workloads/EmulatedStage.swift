import PipelineRuntime
import LibTorch
import PipelineSchedules
import PipelineTraining

/// A stage on an emulated device: its kernels sleep for their cost instead of computing. So the true schedule, executor
/// and transport can run on more ranks than there are cores.
final class EmulatedStage: PipelineStage {
    /// The total time that kernels were asked to sleep, and the total time that they slept, in nanoseconds.
    struct Sleep {
        var asked: Int64 = 0
        var taken: Int64 = 0
    }

    private let kernel: Int64
    private let output: Tensor?
    private let inputGradient: Tensor?
    var sleep = Sleep()

    /// - Parameters:
    ///   - kernel: The length of each of F, I and W, in nanoseconds.
    ///   - output: The result of a forward; nil at the end of a chain.
    ///   - inputGradient: The result of a backward; nil at the start of a chain.
    init(kernel: Int64, output: Tensor?, inputGradient: Tensor?) {
        self.kernel = kernel
        self.output = output
        self.inputGradient = inputGradient
    }

    func start(_ action: Action, input: Tensor?) throws -> ActionRun {
        switch action.kind {
        case .forward: run(kernel, value: output)
        case .backward: run(2 * kernel, value: inputGradient)
        case .inputGradient: run(kernel, value: inputGradient)
        default: run(kernel, value: nil)
        }
    }

    private func run(_ length: Int64, value: Tensor?) -> ActionRun {
        ActionRun(advance: { self.rest(length) }, result: { value })
    }

    private func rest(_ length: Int64) {
        guard length > 0 else { return }
        let start = Clock.now()
        Clock.sleep(until: start + length)
        sleep.asked += length
        sleep.taken += Clock.now() - start
    }
}
