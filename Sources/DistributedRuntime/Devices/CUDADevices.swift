package import LibTorch
import TrainingRecipes

/// The CUDA devices of a machine, one a rank.
package enum CUDADevices {
    /// All that this process sees.
    ///
    /// - Throws: `DeviceError` where there are fewer than `ranks`, none at all, or no NCCL for several ranks.
    package static func forRanks(_ ranks: Int) throws -> [Device] {
        let count = try count(worldSize: ranks)
        guard ranks <= count else {
            throw DeviceError(
                "parallelism.pipeline_parallel_degree x expert_parallel_degree is \(ranks), "
                    + "but this machine has \(count) CUDA device\(count == 1 ? "" : "s"): start at most one rank a device"
            )
        }
        return (0..<count).map(Device.cuda)
    }

    /// How many there are, at least one.
    static func count(worldSize: Int) throws(DeviceError) -> Int {
        let count: Int
        do {
            count = try Device.cudaCount()
            if worldSize > 1 { try NCCLGroup.load() }
        } catch {
            throw DeviceError("\(error)")
        }
        guard count > 0 else {
            throw DeviceError("libtorch sees no CUDA device: does nvidia-smi show one? 'cpu' needs none")
        }
        return count
    }
}
