public import LibTorch
package import TrainingRecipes

extension RankContext {
    /// Makes the CUDA device of this rank the calling thread's current device if `device` is CUDA. For the CPU, which
    /// is the current device by default, does nothing.
    ///
    /// - Parameters:
    ///   - device: `training.device`.
    ///   - ranksPerDevice: `training.ranks_per_device`.
    /// - Throws: `RecipeError` if there is no device for this rank.
    package func useDevice(_ device: Recipe.DeviceType, ranksPerDevice: Int) throws {
        guard device == .cuda else { return }
        do {
            let count = try CUDADevices.count(processes: isThread ? 1 : worldSize, ranksPerDevice: ranksPerDevice)
            try use(.cuda(deviceIndex(of: count, ranksPerDevice: ranksPerDevice)))
        } catch let error as DeviceError {
            throw RecipeError("training.device is 'cuda', but \(error)")
        }
    }

    /// Makes `device` the calling thread's current device. A rank that is a thread gets a stream of its own on it, so that
    /// its work waits for that of other ranks only if it needs their results.
    ///
    /// Ranks that are threads on a CUDA device exchange tensors by copies on the device. Ranks that are processes use
    /// NCCL, each with a device of its own.
    ///
    /// - Throws: `LibTorchError` if the device does not exist.
    public func use(_ device: Device) throws {
        try device.makeCurrent()
        if isThread { try Stream().makeCurrent() }
    }

    /// The index of this rank's device among the `count` visible devices, each of which takes `ranksPerDevice`
    /// consecutive ranks.
    package func deviceIndex(of count: Int, ranksPerDevice: Int = 1) throws(DeviceError) -> Int {
        guard let localRank else {
            throw DeviceError(
                "neither LOCAL_RANK nor SLURM_LOCALID is set: the variable selects the CUDA device of this rank: "
                    + "start the ranks by torchrun or srun")
        }
        // The launcher may have restricted each rank to a device of its own, which then has index 0.
        if count == 1 && seesOwnDevice { return 0 }
        guard localRank < count * ranksPerDevice else {
            throw DeviceError(
                "this is local rank \(localRank), counted from 0, but its machine has "
                    + "\(count) CUDA device\(count == 1 ? "" : "s"): \(CUDADevices.limit(ranksPerDevice))")
        }
        return localRank / ranksPerDevice
    }
}
