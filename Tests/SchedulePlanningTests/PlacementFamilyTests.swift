import PipelineSchedules
import SchedulePlanning
import Testing

@Suite struct PlacementFamilyTests {
    /// A schedule that no family listed would be missing from searches that start from known schedules.
    @Test("Every built-in schedule is listed by the family whose chains it has", arguments: BuiltInSchedule.allCases)
    func familiesListAllSchedules(schedule: BuiltInSchedule) throws {
        let built = try schedule.build(ranks: 4, microbatches: 8, chunks: 2)
        let families: [PlacementFamily] = [.linear, .interleaved(chunks: 2), .wave(chunks: 2), .bidirectional]
        let listing = families.filter { $0.builtIns.contains(schedule) }
        #expect(listing.map { $0.chains(ranks: 4, microbatches: 8) } == [built.chains])
    }
}
