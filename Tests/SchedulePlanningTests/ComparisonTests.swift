import PipelineSchedules
import SchedulePlanning
import Testing

@Suite("Comparison of built-in schedules and placements") struct ComparisonTests {
    @Test("Every built-in schedule is compared, or excluded with its reason")
    func everyScheduleFitsOrIsExcludedWithItsReason() throws {
        let costs = CostPreset.unit.costs
        let all = try BuiltInComparison(ranks: 8, microbatches: 20, chunks: 2, costs: costs)
        #expect(all.summaries.count == BuiltInSchedule.allCases.count && all.exclusions.isEmpty)
        let dualPipe = try #require(all.summaries.first { $0.name == "DualPipe" })
        #expect(dualPipe.stepTime == 66_000_000 && dualPipe.peakActivations == 9 && dualPipe.parameters == 2)
        let limited = try BuiltInComparison(ranks: 8, microbatches: 20, chunks: 2, costs: costs, activationLimit: 5)
        #expect(limited.summaries.allSatisfy { $0.peakActivations <= 5 })
        #expect(limited.summaries.count + limited.exclusions.count == BuiltInSchedule.allCases.count)
        #expect(limited.leanest?.name == "V-Min")
        let odd = try BuiltInComparison(ranks: 4, microbatches: 1, chunks: 3, costs: costs)
        let sizes = odd.exclusions.compactMap { exclusion -> String? in
            if case .size(let error) = exclusion { error.schedule } else { nil }
        }
        #expect(sizes == ["Chimera", "Hanayo", "DualPipe"])
    }

    @Test("Every named placement is known, and searched within the limits")
    func placementsAreSearchedWithinLimits() throws {
        let costs = CostPreset.deepSeekV3H800.costs
        let candidates = try #require(PlacementSearch.candidates(named: "all", chunks: 2, stagesDiffer: false))
        #expect(candidates.map(\.family) == [.linear, .wave(chunks: 2), .interleaved(chunks: 2), .bidirectional])
        #expect(PlacementSearch.candidates(named: "ring", chunks: 2) == nil)
        for name in PlacementSearch.candidateNames {
            #expect(PlacementSearch.candidates(named: name, chunks: 3) != nil)
        }
        var search = PlacementSearch(ranks: 4, microbatches: 8, costs: costs, candidates: candidates)
        search.evaluations = 100
        search.activationLimit = 4
        search.budget = .seconds(100)
        var evaluations = 0
        let outcomes = search.run { _ in evaluations += 1 }
        #expect(outcomes.count == 4 && evaluations > 0)
        for outcome in outcomes {
            let found = try outcome.result.get()
            #expect(Double(found.peakActivations.max() ?? 0) * found.schedule.stageShare <= 4)
        }
    }

    @Test("The costs of a rank's share are spread over the stages of a schedule")
    func costsOfAShareAreSpreadOverStages() throws {
        let stages = (1...4).map { StageCosts(forward: $0 * 100, inputGradient: 100, weightGradient: 0) }
        let costs = PipelineCosts(stages: stages)
        let schedule = try BuiltInSchedule.dualPipeV.build(ranks: 4, microbatches: 8)
        #expect(schedule.stageShare == 0.5)
        #expect(costs.fitted(to: schedule).stages.map(\.forward) == [50, 50, 100, 100, 150, 150, 200, 200])
        let twoChains = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 8)
        #expect(costs.fitted(to: twoChains).stages.map(\.forward) == [100, 200, 300, 400, 100, 200, 300, 400])
    }
}
