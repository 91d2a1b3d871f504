import DistributedRuntime
import Testing
import TrainingRecipes

@Suite("Choice of the CUDA device") struct DeviceChoiceTests {
    private func index(_ environment: [String: String], of count: Int, ranksPerDevice: Int = 1) throws -> Int {
        let base = ["RANK": "5", "WORLD_SIZE": "8", "CONTRAFLOW_RENDEZVOUS_FILE": "nowhere"]
        return try RankContext(environment: base.merging(environment) { $1 }).deviceIndex(
            of: count, ranksPerDevice: ranksPerDevice)
    }

    @Test("The device index is the local rank; LOCAL_RANK takes precedence over SLURM_LOCALID") func localRank() throws
    {
        #expect(try index(["LOCAL_RANK": "1"], of: 4) == 1)
        #expect(try index(["SLURM_LOCALID": "3"], of: 4) == 3)
        #expect(try index(["LOCAL_RANK": "0", "SLURM_LOCALID": "3"], of: 4) == 0)
        #expect(try index(["LOCAL_RANK": "1", "CUDA_VISIBLE_DEVICES": "0,1"], of: 2) == 1)
    }

    @Test("A rank that sees only one device, assigned by its launcher, uses it") func assignedDevice() throws {
        #expect(try index(["LOCAL_RANK": "3", "CUDA_VISIBLE_DEVICES": "3"], of: 1) == 0)
    }

    @Test("Consecutive ranks share a device if several ranks per device are allowed") func sharedDevice() throws {
        let indices = try (0..<6).map { try index(["LOCAL_RANK": "\($0)"], of: 2, ranksPerDevice: 3) }
        #expect(indices == [0, 0, 0, 1, 1, 1])
        let error = #expect(throws: DeviceError.self) { try index(["LOCAL_RANK": "6"], of: 2, ranksPerDevice: 3) }
        #expect(error?.description.contains("start at most 3 ranks per device, or raise") == true)
    }

    @Test("Processes share a device from NCCL 2.30 on") func versions() throws {
        for version in [(2, 30), (2, 31), (3, 0)] { try CUDADevices.share(2, version: version) }
        for (version, name) in [((2, 29), "NCCL 2.29"), ((1, 40), "NCCL 1.40"), (nil, "this NCCL")]
            as [((Int, Int)?, String)]
        {
            let error = #expect(throws: DeviceError.self) { try CUDADevices.share(2, version: version) }
            #expect(
                error?.description
                    == "training.ranks_per_device is 2, but \(name) allows one rank per device: use NCCL 2.30 or later, or "
                    + "run the ranks as threads of one process (World)")
        }
    }

    @Test(
        "A rank without a device of its own is an error",
        arguments: [
            ([:], 4, "neither LOCAL_RANK nor SLURM_LOCALID is set"),
            (["LOCAL_RANK": "4"], 4, "this is local rank 4, counted from 0, but its machine has 4 CUDA devices"),
            (["LOCAL_RANK": "1"], 1, "has 1 CUDA device: start at most one rank per device"),
            (["LOCAL_RANK": "2", "CUDA_VISIBLE_DEVICES": "0,1"], 2, "start at most one rank per device"),
        ])
    func missingDevice(environment: [String: String], count: Int, says: String) {
        let error = #expect(throws: DeviceError.self) { try index(environment, of: count) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test("A local rank that is not a number is named") func wrongLocalRank() throws {
        let error = #expect(throws: RendezvousError.self) { try index(["LOCAL_RANK": "one"], of: 4) }
        #expect(error?.description.contains("LOCAL_RANK is 'one'") == true, "\(String(describing: error))")
    }
}
