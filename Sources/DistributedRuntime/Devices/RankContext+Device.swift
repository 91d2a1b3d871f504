import LibTorch
package import TrainingRecipes

extension RankContext {
    /// Has the calling thread compute on the device that a recipe names: the CPU, or this rank's own of its machine's CUDA
    /// devices.
    ///
    /// - Parameter device: `training.device`.
    /// - Throws: `DeviceError` where there is no such device, or another rank needs it.
    package func useDevice(_ device: Recipe.DeviceType) throws {
        guard device == .cuda else { return }
        do {
            try Device.cuda(try deviceIndex(of: try CUDADevices.count(worldSize: worldSize))).makeCurrent()
        } catch let error as DeviceError {
            throw RecipeError("training.device is 'cuda', but \(error)")
        }
    }

    /// Which of `count` devices is this rank's. NCCL refuses two ranks on one.
    package func deviceIndex(of count: Int) throws(DeviceError) -> Int {
        guard let localRank else {
            throw DeviceError(
                "neither LOCAL_RANK nor SLURM_LOCALID is set: it says which of its machine's "
                    + "devices this rank computes on")
        }
        // Who starts the ranks may have given each a device of its own, the only one that it sees.
        if count == 1 && seesOwnDevice { return 0 }
        guard localRank < count else {
            throw DeviceError(
                "this is rank \(localRank) of its machine, counted from 0, which has "
                    + "\(count) CUDA device\(count == 1 ? "" : "s"): start at most one rank a device")
        }
        return localRank
    }
}
