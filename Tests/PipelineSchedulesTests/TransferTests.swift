import PipelineSchedules
import Testing

@Suite("Transfers") struct TransferTests {
    @Test(
        "Transfers are added where PyTorch adds them",
        arguments: try Fixtures.names(prefix: "torch_", suffix: ".comms.csv"))
    func loweringIsPyTorchs(name: String) throws {
        let recorded = try Fixtures.schedule(name)
        // PyTorch places sends and receives after its sharding actions, which are steps of their own.
        var bare = recorded
        bare.rows = recorded.rows.map { row in row.filter { !($0.first?.kind.isTransfer ?? false) } }
        #expect(bare.addingTransfers().csv() == (try Fixtures.text(name)))
        #expect(throws: Never.self) { try recorded.validate() }
    }

    @Test(
        "Built schedules stay valid with transfers, and are equal again without them",
        arguments: BuiltInSchedule.allCases)
    func builtSchedulesStayValidWithTransfers(schedule: BuiltInSchedule) throws {
        for ranks in 1...6 {
            for microbatches in [2, 5, 12] {
                let built = try schedule.build(ranks: ranks, microbatches: microbatches)
                let lowered = built.addingTransfers()
                #expect(throws: Never.self) { try lowered.validate() }
                #expect(lowered.removingTransfers() == built)
            }
        }
    }
}
