import PipelineSchedules
import Testing

@Suite struct TransferTests {
    @Test(arguments: try Fixtures.names(prefix: "torch_", suffix: ".comms.csv"))
    func loweringIsPyTorchs(name: String) throws {
        let recorded = try Fixtures.schedule(name)
        // PyTorch places sends and receives after its sharding actions, which take turns of their own.
        var bare = recorded
        bare.rows = recorded.rows.map { row in row.filter { !($0.first?.kind.isTransfer ?? false) } }
        #expect(bare.addingTransfers().csv() == (try Fixtures.text(name)))
        #expect(throws: Never.self) { try recorded.validate() }
    }

    @Test(arguments: BuiltInSchedule.allCases)
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
