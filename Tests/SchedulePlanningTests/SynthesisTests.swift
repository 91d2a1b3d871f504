import PipelineSchedules
import SchedulePlanning
import Testing

@Suite struct SynthesisTests {
    private static let placements: [PlacementFamily] = [
        .linear, .wave(chunks: 2), .interleaved(chunks: 2), .wave(chunks: 4), .interleaved(chunks: 3), .bidirectional,
    ]

    @Test func seededSettingsAreNeverWorseThanBuiltInsNorBetterThanTheBound() throws {
        for index in 0..<36 {
            var random = SplitMix64(state: UInt64(index))
            let placement = Self.placements[index % Self.placements.count]
            let ranks = 1 + random.next(below: 5)
            let microbatches = 2 + random.next(below: 10)
            let costs = PipelineCosts.random(stages: ranks * placement.stagesPerRank, &random, scale: 1_000_000)
            var search = Synthesizer(ranks: ranks, microbatches: microbatches, placement: placement, costs: costs)
            search.evaluations = 150
            search.allowsOverlap = index % 4 != 3
            if index % 2 == 0 { search.activationLimit = ranks * placement.stagesPerRank + 1 }
            let found = try search.run()
            #expect(found.makespan >= found.bound.time, "\(index) \(placement.name)")
            #expect(found.bound.time >= max(found.bound.latency, found.bound.work), "\(index)")
            if let builtIn = found.bestBuiltIn { #expect(found.makespan <= builtIn.makespan, "\(index)") }
            let simulation = try Simulation(found.schedule, costs: costs)
            #expect(simulation.makespan == found.makespan)
            let peaks = try found.schedule.validate().peakActivations
            #expect((peaks.max() ?? 0) <= search.activationLimit ?? .max)
            let overlaps = found.schedule.rows.contains { $0.contains(where: \.isOverlapped) }
            #expect(search.allowsOverlap || !overlaps)
        }
    }

    /// No schedule with a name is faster than the bound of its placement.
    @Test(arguments: BuiltInSchedule.allCases)
    func theBoundHoldsForBuiltIns(kind: BuiltInSchedule) throws {
        var random = SplitMix64(state: 11)
        for ranks in 1...5 {
            for microbatches in [2, 3, 7, 16] {
                let schedule = try kind.build(ranks: ranks, microbatches: microbatches)
                let costs = PipelineCosts.random(stages: schedule.stageCount, &random, scale: 1_000_000)
                let peak = try schedule.validate().peakActivations.max()
                let bound = LowerBound(
                    schedule.chains, rankCount: ranks, costs: costs, activationLimit: peak,
                    allowsOverlap: schedule.rows.contains { $0.contains(where: \.isOverlapped) })
                #expect(try Simulation(schedule, costs: costs).makespan >= bound.time, "P=\(ranks) M=\(microbatches)")
            }
        }
    }

    /// At F = I = W = 1 the zero-bubble schedules are as good as can be: 3M + P - 1.
    @Test func theBoundIsReachedWhereItCanBe() throws {
        let costs = PipelineCosts.unit(1000)
        for ranks in [2, 4, 8] {
            let search = Synthesizer(ranks: ranks, microbatches: 4 * ranks, placement: .linear, costs: costs)
            let found = try search.run()
            #expect(found.gap < 0.02, "\(ranks) \(found.gap)")
        }
    }

    /// Two ranks with memory for one and a half micro-batches, where one attempt ends far from the best; a constraint solver
    /// (OR-Tools' CP-SAT) proves that no schedule takes less than 2898.
    @Test func severalAttemptsComeNearTheBestWhereMemoryIsScarce() throws {
        let costs = PipelineCosts(
            stages: [StageCosts(forward: 100, inputGradient: 129, weightGradient: 57)], overlapSaving: 0.24142,
            transfer: 18)
        var search = Synthesizer(ranks: 2, microbatches: 4, placement: .wave(chunks: 2), costs: costs)
        search.activationLimit = 3
        let found = try search.run()
        #expect(found.makespan <= 2898 + 29, "\(found.makespan)")
    }

    @Test func theSameSeedGivesTheSameSchedule() throws {
        let costs = CostPreset.deepSeekV3H800.costs.divided(by: 2)
        var search = Synthesizer(ranks: 4, microbatches: 12, placement: .wave(chunks: 2), costs: costs)
        search.evaluations = 400
        let one = try search.run()
        let two = try search.run()
        #expect(one.schedule == two.schedule && one.makespan == two.makespan)
    }

    @Test func anInterruptedSearchHasAResult() throws {
        let costs = PipelineCosts.unit(1000)
        let search = Synthesizer(ranks: 4, microbatches: 8, placement: .interleaved(chunks: 2), costs: costs)
        let found = try search.run { _, _, _ in true }
        #expect(throws: Never.self) { try found.schedule.validate() }
    }

    @Test func impossibleSearchesAreRefused() throws {
        let costs = PipelineCosts.unit()
        for (ranks, microbatches) in [(0, 4), (4, 0), (-1, 4), (1 << 40, 4), (1 << 14, 1 << 20)] {
            let search = Synthesizer(ranks: ranks, microbatches: microbatches, placement: .linear, costs: costs)
            #expect(throws: SynthesisError.self) { try search.run() }
        }
        var tight = Synthesizer(ranks: 4, microbatches: 4, placement: .interleaved(chunks: 4), costs: costs)
        tight.activationLimit = 1
        #expect(throws: SynthesisError.self) { try tight.run() }
    }

    /// Two slow stages that a V puts on one rank go to different ranks.
    @Test func stagesThatDifferAreAssigned() throws {
        var stages = Array(repeating: StageCosts(forward: 100, inputGradient: 100, weightGradient: 100), count: 8)
        for stage in [1, 6] { stages[stage] = StageCosts(forward: 200, inputGradient: 200, weightGradient: 200) }
        let costs = PipelineCosts(stages: stages)
        var search = Synthesizer(ranks: 4, microbatches: 16, placement: .wave(chunks: 2), costs: costs)
        search.evaluations = 400
        let placed = try search.run()
        search.assignStages()
        let assigned = try search.run()
        guard case .assigned(let ranks) = search.placement else {
            Issue.record("the placement is \(search.placement)")
            return
        }
        #expect(ranks[1] != ranks[6] && assigned.makespan < placed.makespan)
        #expect((0..<4).allSatisfy { rank in ranks.count { $0 == rank } == 2 })
        #expect(search.placement.name == "assigned x2" && assigned.schedule.chains[0].ranks == ranks)
        // Two chains stay as they are.
        search.placement = .bidirectional
        search.assignStages()
        #expect(search.placement == .bidirectional)
    }

    @Test func wrongAssignmentsAreRefused() {
        for ranks in [[], [0, 0, 1], [0, 1, 0, 3], [0, 0, 0, 1], [-1, 0, 0, -1]] {
            let search = Synthesizer(ranks: 2, microbatches: 4, placement: .assigned(ranks: ranks), costs: .unit())
            #expect(throws: SynthesisError.self, "\(ranks)") { try search.run() }
        }
    }
}
