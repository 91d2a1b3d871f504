import DistributedRuntime
import LibTorch
import Testing
import TrainingRecipes

@Suite("Rank variables") struct RankContextTests {
    private static let torchrun = [
        "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "host",
        "MASTER_PORT": "29500",
    ]
    private static let slurm = [
        "SLURM_PROCID": "5", "SLURM_NTASKS": "6", "SLURM_LOCALID": "2", "SLURM_NNODES": "1", "MASTER_ADDR": "host",
        "MASTER_PORT": "29500",
    ]

    @Test("torchrun's variables define the rank")
    func torchrunVariables() throws {
        let context = try RankContext(environment: Self.torchrun)
        #expect(context.rank == 3 && context.worldSize == 8)
        #expect(!context.isOneMachine && !context.hasLauncher)
        #expect(context.hasTags && context.sharesMemory)
    }

    @Test("Slurm's variables define the rank if torchrun's are not set")
    func slurmVariables() throws {
        let context = try RankContext(environment: Self.slurm)
        #expect(context.rank == 5 && context.worldSize == 6)
        #expect(context.isOneMachine)
        let both = try RankContext(environment: Self.slurm.merging(Self.torchrun) { $1 })
        #expect(both.rank == 3 && both.worldSize == 8)
        let step = try RankContext(
            environment: Self.slurm.filter { $0.key != "SLURM_NTASKS" }.merging(["SLURM_STEP_NUM_TASKS": "7"]) { $1 })
        #expect(step.worldSize == 7)
    }

    @Test(
        "All ranks are on one machine if the launcher says so",
        arguments: [
            (["LOCAL_WORLD_SIZE": "8"], true), (["LOCAL_WORLD_SIZE": "8", "SLURM_NNODES": "2"], true),
            (["LOCAL_WORLD_SIZE": "4", "SLURM_NNODES": "1"], false), (["CONTRAFLOW_RENDEZVOUS_FILE": "file"], true),
        ])
    func oneMachine(environment: [String: String], isOneMachine: Bool) throws {
        let context = try RankContext(environment: Self.torchrun.merging(environment) { $1 })
        #expect(context.isOneMachine == isOneMachine)
    }

    @Test("A rendezvous file is the sign of a rank that contraflow train started")
    func rendezvousFile() throws {
        let variables = ["RANK": "0", "WORLD_SIZE": "2", "CONTRAFLOW_RENDEZVOUS_FILE": "file"]
        #expect(try RankContext(environment: variables).hasLauncher)
    }

    @Test(
        "A variable that is missing or wrong is named in one line",
        arguments: [
            ("RANK", nil, "RANK or SLURM_PROCID is not set"),
            ("RANK", "first", "RANK is 'first': it must be a whole number"),
            ("RANK", "-1", "RANK is '-1': it must be a whole number"),
            ("RANK", "8", "RANK is 8, but WORLD_SIZE is 8: ranks count from 0"),
            ("WORLD_SIZE", nil, "WORLD_SIZE or SLURM_NTASKS or SLURM_STEP_NUM_TASKS is not set"),
            ("WORLD_SIZE", "", "WORLD_SIZE is '': it must be a whole number"),
            ("MASTER_ADDR", nil, "MASTER_ADDR is not set"),
            ("MASTER_PORT", nil, "MASTER_PORT is not set"),
            ("MASTER_PORT", "http", "MASTER_PORT is 'http': it must be a whole number"),
            ("MASTER_PORT", "0", "MASTER_PORT is 0: it must be 1 to 65535"),
            ("MASTER_PORT", "65536", "MASTER_PORT is 65536: it must be 1 to 65535"),
            ("CONTRAFLOW_RENDEZVOUS_TIMEOUT", "soon", "CONTRAFLOW_RENDEZVOUS_TIMEOUT is 'soon': it must be 1 to 86400"),
            ("CONTRAFLOW_RENDEZVOUS_TIMEOUT", "0", "CONTRAFLOW_RENDEZVOUS_TIMEOUT is '0': it must be 1 to 86400"),
            ("CONTRAFLOW_RENDEZVOUS_TIMEOUT", "86401", "CONTRAFLOW_RENDEZVOUS_TIMEOUT is '86401'"),
        ] as [(String, String?, String)])
    func wrongVariable(name: String, value: String?, says: String) throws {
        var environment = Self.torchrun
        environment[name] = value
        let error = #expect(throws: RendezvousError.self) { try RankContext(environment: environment) }
        let message = try #require(error?.description)
        #expect(message.hasPrefix(says) && !message.contains("\n"), "\(message)")
    }
}
