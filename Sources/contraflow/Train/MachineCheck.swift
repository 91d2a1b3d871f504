import ArgumentParser
import Foundation
import PipelineSchedules
import TrainingRecipes
import TrainingRuns

/// Checks whether this machine and its files suffice for a recipe, before any rank starts.
struct MachineCheck {
    let recipe: Recipe
    let schedule: Schedule
    /// The memory of a device, in GB, for a recipe that is planned for other devices than this machine's.
    var deviceMemory: Double?

    /// Reports every reason why a run would be refused.
    ///
    /// - Parameter other: Throws another reason.
    /// - Throws: `ExitCode.failure` if there is a reason.
    func reportProblems(_ other: () throws -> Void) async throws {
        var problems: [any Error] = []
        do { try other() } catch { problems.append(error) }
        do { try checkMemory() } catch { problems.append(error) }
        do { try checkPlacement() } catch { problems.append(error) }
        do {
            try checkData().forEach { note("Warning: \($0)") }
        } catch { problems.append(error) }
        do {
            if let deviceMemory {
                try recipe.checkDeviceMemory(
                    schedule, available: deviceMemory * 1e9, cause: "--device-memory is \(deviceMemory)")
            } else if recipe.training.device == .cuda {
                try await checkDevices(WorkerProgram.find())
            }
        } catch { problems.append(error) }
        for problem in problems { note("Error: this machine cannot run the recipe: \(problem)") }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// Throws an error if the ranks do not fit into the memory of this machine.
    func checkMemory() throws {
        if recipe.training.device == .cpu, let available = MachineMemory.now().available {
            try recipe.checkMemory(schedule, available: available)
        }
    }

    /// Throws an error if the ranks need CUDA devices, and this machine has too few or too small ones.
    func checkDevices(_ worker: WorkerProgram) async throws {
        guard recipe.training.device == .cuda else { return }
        let devices: [WorkerProgram.Device]
        do {
            devices = try await worker.devices(
                ranks: recipe.grid.worldSize, ranksPerDevice: recipe.training.ranksPerDevice)
        } catch {
            throw CommandError("training.device is 'cuda', but \(error)")
        }
        if let least = devices.map(\.free).min() { try recipe.checkDeviceMemory(schedule, available: Double(least)) }
    }

    /// Throws an error if the weights that training starts from are missing.
    func checkWeights() throws {
        if !recipe.model.weights.isEmpty { _ = try ModelFolder.files(recipe.model.weights) }
    }

    /// Throws an error if the experts cannot have the slots of the recipe's placement.
    func checkPlacement() throws { _ = try recipe.expertSlots() }

    /// Checks the data once for all ranks, and returns the warnings of the recipe.
    func checkData() throws -> [String] {
        let files = try TokenFiles(recipe)
        if files.format != .bytes, files.byteCount > 8 << 30 {
            note(
                "training.dataset_path: reading \(files.byteCount >> 30) GiB to check tokens against model.vocab_size"
            )
        }
        try files.checkContents(vocabulary: recipe.model.vocabSize)
        return recipe.warnings(try TokenSplit(recipe, files), fileCount: files.files.count)
    }
}
