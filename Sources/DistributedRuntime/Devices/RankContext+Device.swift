import LibTorch
package import TrainingRecipes

extension RankContext {
    /// Makes the CUDA device of this rank the calling thread's current device if `device` is CUDA. For the CPU, which
    /// is the current device by default, does nothing.
    ///
    /// - Parameter device: `training.device`.
    /// - Throws: `RecipeError` if there is no device for this rank.
    package func useDevice(_ device: Recipe.DeviceType) throws {
        guard device == .cuda else { return }
        do {
            try Device.cuda(try deviceIndex(of: try CUDADevices.count(worldSize: worldSize))).makeCurrent()
        } catch let error as DeviceError {
            throw RecipeError("training.device is 'cuda', but \(error)")
        }
    }

    /// The index of this rank's device among the `count` visible devices. NCCL rejects two ranks on one device.
    package func deviceIndex(of count: Int) throws(DeviceError) -> Int {
        guard let localRank else {
            throw DeviceError(
                "neither LOCAL_RANK nor SLURM_LOCALID is set: the variable selects the CUDA device of this rank: "
                    + "start the ranks by torchrun or srun")
        }
        // The launcher may have restricted each rank to a device of its own, which then has index 0.
        if count == 1 && seesOwnDevice { return 0 }
        guard localRank < count else {
            throw DeviceError(
                "this is local rank \(localRank), counted from 0, but its machine has "
                    + "\(count) CUDA device\(count == 1 ? "" : "s"): start at most one rank per device")
        }
        return localRank
    }
}
