import Foundation
public import PipelineSchedules

extension Recipe {
    /// Refuses more ranks than one machine's memory allows.
    ///
    /// What is in doubt runs: the estimate has to exceed what is free by the factor ``RankMemory/doubt``.
    ///
    /// - Parameters:
    ///   - schedule: What the recipe's preflight has returned.
    ///   - available: Bytes that new processes of the machine can take.
    public func checkMemory(_ schedule: Schedule, available: Double) throws(RecipeError) {
        let ranks = memory(schedule)
        let all = ranks.reduce(0) { $0 + $1.total } * Double(parallelism.expertParallelDegree)
        guard all > available * RankMemory.doubt, let largest = ranks.max(by: { $0.total < $1.total }) else { return }
        let count = grid.worldSize
        throw RecipeError(
            "parallelism.pipeline_parallel_degree x expert_parallel_degree: \(count) "
                + "\(count == 1 ? "rank takes" : "ranks take") about \(Self.memoryText(all)) of memory (the largest "
                + "\(Self.memoryText(largest.parameters)) for parameters, gradients and moments, "
                + "\(Self.memoryText(largest.activations)) for activations), but \(Self.memoryText(available)) are "
                + "free: give a smaller model, training.global_batch_size or training.seq_len"
        )
    }

    /// Refuses a rank that takes more than its device has.
    ///
    /// - Parameters:
    ///   - schedule: What the recipe's preflight has returned.
    ///   - available: Free bytes of the device that has the least.
    public func checkDeviceMemory(_ schedule: Schedule, available: Double) throws(RecipeError) {
        guard let largest = memory(schedule).max(by: { $0.total < $1.total }),
            largest.total > available * RankMemory.doubt
        else { return }
        throw RecipeError(
            "training.device is 'cuda': the largest rank takes about \(Self.memoryText(largest.total)) of its device's "
                + "memory (\(Self.memoryText(largest.parameters)) for parameters, gradients and moments, "
                + "\(Self.memoryText(largest.activations)) for activations), but \(Self.memoryText(available)) are "
                + "free: give more ranks, or a smaller model, training.global_batch_size or training.seq_len")
    }

    /// Bytes as people say them, such as `210 MiB` or `3.2 GiB`.
    package static func memoryText(_ bytes: Double) -> String {
        let gibibytes = bytes / 1_073_741_824
        if gibibytes < 1 { return String(format: "%.0f MiB", bytes / 1_048_576) }
        if gibibytes >= 10_240 { return String(format: "%.0f TiB", gibibytes / 1024) }
        return String(format: gibibytes < 100 ? "%.1f GiB" : "%.0f GiB", gibibytes)
    }
}
