package import LibTorch
import Foundation
import TrainingRecipes

/// The CUDA devices of a machine.
package enum CUDADevices {
    /// The first version of NCCL that allows several ranks per device: major and minor.
    private static let firstSharingVersion = (2, 30)

    /// All devices that are visible to this process.
    ///
    /// - Parameters:
    ///   - ranks: The number of ranks, which are processes.
    ///   - ranksPerDevice: `training.ranks_per_device`.
    /// - Throws: `DeviceError` if there is no device, if there are fewer devices than `ranks` need, or if there are
    ///   several ranks and NCCL is missing or too old.
    package static func forRanks(_ ranks: Int, ranksPerDevice: Int) throws -> [Device] {
        let count = try count(processes: ranks, ranksPerDevice: ranksPerDevice)
        guard ranks <= count * ranksPerDevice else {
            throw DeviceError(
                "parallelism.pipeline_parallel_degree x expert_parallel_degree is \(ranks), "
                    + "but this machine has \(count) CUDA device\(count == 1 ? "" : "s"): \(limit(ranksPerDevice))")
        }
        return (0..<count).map(Device.cuda)
    }

    /// The remedy for more ranks than devices.
    static func limit(_ ranksPerDevice: Int) -> String {
        "start at most \(ranksPerDevice == 1 ? "one rank" : "\(ranksPerDevice) ranks") per device, "
            + "or raise training.ranks_per_device"
    }

    /// The number of visible devices, at least 1.
    ///
    /// - Parameters:
    ///   - processes: The number of processes that compute together. If there are several, NCCL is loaded as well.
    ///   - ranksPerDevice: The number of these processes that share a device.
    static func count(processes: Int, ranksPerDevice: Int) throws(DeviceError) -> Int {
        let count: Int
        do {
            count = try Device.cudaCount()
            if processes > 1 { try NCCLGroup.load() }
        } catch {
            throw DeviceError("\(error)")
        }
        guard count > 0 else {
            throw DeviceError("libtorch sees no CUDA device: does nvidia-smi show one? 'cpu' needs none")
        }
        if processes > 1, ranksPerDevice > 1 { try share(ranksPerDevice, version: NCCLGroup.version) }
        return count
    }

    /// Has NCCL accept several ranks per device.
    ///
    /// - Parameter version: NCCL's version; nil if it is unknown.
    package static func share(
        _ ranksPerDevice: Int, version: (major: Int, minor: Int)?
    ) throws(DeviceError) {
        let needed = firstSharingVersion
        guard let version, version >= needed else {
            let found = version.map { "NCCL \($0.major).\($0.minor)" } ?? "this NCCL"
            throw DeviceError(
                "training.ranks_per_device is \(ranksPerDevice), but \(found) allows one rank per device: use NCCL "
                    + "\(needed.0).\(needed.1) or later, or run the ranks as threads of one process (World)")
        }
        setenv("NCCL_MULTI_RANK_GPU_ENABLE", "1", 0)
    }
}
