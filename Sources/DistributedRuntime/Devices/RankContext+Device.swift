import LibTorch
package import TrainingRecipes

extension RankContext {
    /// Has the calling thread compute on the device that a recipe names: the CPU, or this rank's own of its machine's CUDA
    /// devices.
    ///
    /// - Parameter device: `training.device`.
    /// - Throws: `RecipeError` where there is no such device, or another rank needs it.
    package func useDevice(_ device: Recipe.DeviceType) throws {
        guard device == .cuda else { return }
        try Device.cuda(try deviceIndex(of: try CUDADevices.count(worldSize: worldSize))).makeCurrent()
    }

    /// Which of `count` devices is this rank's. NCCL refuses two ranks on one.
    package func deviceIndex(of count: Int) throws(RecipeError) -> Int {
        guard let localRank else {
            throw RecipeError(
                "training.device is 'cuda', but neither LOCAL_RANK nor SLURM_LOCALID is set: it says which of its machine's "
                    + "devices this rank computes on")
        }
        // Who starts the ranks may have given each a device of its own, the only one that it sees.
        if count == 1 && seesOwnDevice { return 0 }
        guard localRank < count else {
            throw RecipeError(
                "training.device is 'cuda' and this is rank \(localRank) of its machine, counted from 0, which has "
                    + "\(count) CUDA device\(count == 1 ? "" : "s"): start at most one rank a device")
        }
        return localRank
    }
}
