package import LibTorch
import TrainingRecipes

/// The CUDA devices of a machine, one per rank.
package enum CUDADevices {
    /// All devices that are visible to this process.
    ///
    /// - Throws: `DeviceError` if there is no device, if there are fewer devices than `ranks`, or if there are several
    ///   ranks and NCCL is missing.
    package static func forRanks(_ ranks: Int) throws -> [Device] {
        let count = try count(worldSize: ranks)
        guard ranks <= count else {
            throw DeviceError(
                "parallelism.pipeline_parallel_degree x expert_parallel_degree is \(ranks), "
                    + "but this machine has \(count) CUDA device\(count == 1 ? "" : "s"): "
                    + "start at most one rank per device")
        }
        return (0..<count).map(Device.cuda)
    }

    /// The number of visible devices, at least 1. If `worldSize` is greater than 1, NCCL is loaded as well.
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
