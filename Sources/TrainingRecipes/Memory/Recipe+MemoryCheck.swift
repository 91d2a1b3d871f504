import Foundation
public import PipelineSchedules

extension Recipe {
    /// Checks that the ranks fit into the memory of one machine.
    ///
    /// The check fails only if the estimate exceeds the available memory by more than the factor ``RankMemory/doubt``.
    ///
    /// - Parameters:
    ///   - schedule: The schedule that the recipe's preflight returned.
    ///   - available: The bytes that are available to new processes of the machine.
    /// - Throws: ``RecipeError`` with the estimate and the available memory.
    public func checkMemory(_ schedule: Schedule, available: Double) throws(RecipeError) {
        let ranks = memory(schedule)
        let all = ranks.reduce(0) { $0 + $1.total } * Double(parallelism.expertParallelDegree)
        guard all > available * RankMemory.doubt, let largest = ranks.largest else { return }
        let count = grid.worldSize
        throw RecipeError(
            "parallelism.pipeline_parallel_degree x expert_parallel_degree: \(count) "
                + "\(count == 1 ? "rank takes" : "ranks take") about \(Self.memoryText(all)) of memory (the largest "
                + "\(Self.memoryText(largest.total)): \(Self.memoryText(largest.parameters)) for parameters, gradients "
                + "and moments, \(Self.memoryText(largest.activations)) for activations), but \(Self.memoryText(available)) are "
                + "free: \(memoryRemedies(schedule))"
        )
    }

    /// Checks that the largest rank fits into its share of the memory of its device.
    ///
    /// - Parameters:
    ///   - schedule: The schedule that the recipe's preflight returned.
    ///   - available: The free bytes of the device with the least free memory.
    ///   - cause: The setting that the check follows from, for the error.
    /// - Throws: ``RecipeError`` with the estimate and the available memory.
    public func checkDeviceMemory(
        _ schedule: Schedule, available: Double, cause: String = "training.device is 'cuda'"
    ) throws(RecipeError) {
        let sharers = training.ranksPerDevice
        let share = available / Double(sharers)
        guard let largest = memory(schedule).largest, largest.total > share * RankMemory.doubt else { return }
        throw RecipeError(
            "\(cause): the largest rank takes about \(Self.memoryText(largest.total)) of its device's memory "
                + "(\(Self.memoryText(largest.parameters)) for parameters, gradients and moments, "
                + "\(Self.memoryText(largest.activations)) for activations), but \(Self.memoryText(share)) are "
                + "free\(sharers == 1 ? "" : " for each of the \(sharers) ranks that share it"): add ranks, "
                + "\(memoryRemedies(schedule))")
    }

    /// Returns the changes of the recipe that take less memory.
    private func memoryRemedies(_ schedule: Schedule) -> String {
        let sizes = "reduce the model, training.global_batch_size or training.seq_len"
        func total(_ mode: ActivationCheckpointSection.Mode) -> Double {
            var changed = self
            changed.activationCheckpoint.mode = mode
            return changed.memory(schedule).largest?.total ?? 0
        }
        let present = total(activationCheckpoint.mode)
        let lighter = [ActivationCheckpointSection.Mode.selective, .full].filter { total($0) < present }
        guard !lighter.isEmpty else { return sizes }
        return "set activation_checkpoint.mode to \(lighter.map(\.rawValue).joined(separator: " or ")), or \(sizes)"
    }

    /// Returns a number of bytes as text with a unit, such as `210 MiB` or `3.2 GiB`.
    package static func memoryText(_ bytes: Double) -> String {
        let gibibytes = bytes / 1_073_741_824
        if gibibytes < 1 { return String(format: gibibytes < 0.01 ? "%.1f MiB" : "%.0f MiB", bytes / 1_048_576) }
        if gibibytes >= 10_240 { return String(format: "%.0f TiB", gibibytes / 1024) }
        return String(format: gibibytes < 100 ? "%.1f GiB" : "%.0f GiB", gibibytes)
    }
}
