import PipelineSchedules
import SchedulePlanning
import Testing

@Suite("Synthesis") struct SynthesisTests {
    private static let placements: [PlacementFamily] = [
        .linear, .wave(chunks: 2), .interleaved(chunks: 2), .wave(chunks: 4), .interleaved(chunks: 3), .bidirectional,
    ]

    @Test("Random searches end between the bound and the best built-in schedule, within their limits")
    func seededSettingsAreNeverWorseThanBuiltInsNorBetterThanTheBound() throws {
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
            #expect(search.activationLimit != nil || found.bestBuiltIn != nil, "\(index)")
            if let builtIn = found.bestBuiltIn { #expect(found.makespan <= builtIn.makespan, "\(index)") }
            let simulation = try Simulation(found.schedule, costs: costs)
            #expect(simulation.makespan == found.makespan)
            let peaks = try found.schedule.validate().peakActivations
            #expect((peaks.max() ?? 0) <= search.activationLimit ?? .max)
            let overlaps = found.schedule.rows.contains { $0.contains(where: \.isOverlapped) }
            #expect(search.allowsOverlap || !overlaps)
        }
    }

    @Test("No built-in schedule is faster than the bound of its placement", arguments: BuiltInSchedule.allCases)
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

    /// At F = I = W = 1 the zero-bubble schedules are optimal: 3M + P - 1.
    @Test("At F = I = W = 1, searches come within 2 % of the bound")
    func searchesComeNearTheBound() throws {
        let costs = PipelineCosts.unit(1000)
        for ranks in [2, 4, 8] {
            let search = Synthesizer(ranks: ranks, microbatches: 4 * ranks, placement: .linear, costs: costs)
            let found = try search.run()
            #expect(found.gap < 0.02, "\(ranks) \(found.gap)")
        }
    }

    /// Two ranks with memory for one and a half micro-batches, for which a single attempt ends far from the optimum. A
    /// constraint solver (OR-Tools' CP-SAT) proves that no schedule takes less than 2898.
    @Test("With little memory, several attempts come within 1 % of the proven optimum")
    func severalAttemptsComeNearTheOptimum() throws {
        let costs = PipelineCosts(
            stages: [StageCosts(forward: 100, inputGradient: 129, weightGradient: 57)], overlapSaving: 0.24142,
            transfer: 18)
        var search = Synthesizer(ranks: 2, microbatches: 4, placement: .wave(chunks: 2), costs: costs)
        search.activationLimit = 3
        let found = try search.run()
        #expect(found.makespan <= 2898 + 29, "\(found.makespan)")
    }

    @Test("The same seed gives the same schedule")
    func theSameSeedGivesTheSameSchedule() throws {
        let costs = CostPreset.deepSeekV3H800.costs.divided(by: 2)
        var search = Synthesizer(ranks: 4, microbatches: 12, placement: .wave(chunks: 2), costs: costs)
        search.evaluations = 400
        let one = try search.run()
        let two = try search.run()
        #expect(one.schedule == two.schedule && one.makespan == two.makespan)
    }

    @Test("A cancelled search returns a valid schedule")
    func cancelledSearchesReturnAResult() throws {
        let costs = PipelineCosts.unit(1000)
        let search = Synthesizer(ranks: 4, microbatches: 8, placement: .interleaved(chunks: 2), costs: costs)
        let found = try search.run { _, _, _ in true }
        #expect(throws: Never.self) { try found.schedule.validate() }
    }

    @Test("Impossible sizes and limits are refused")
    func impossibleSearchesAreRefused() throws {
        let costs = PipelineCosts.unit()
        for (ranks, microbatches) in [(0, 4), (4, 0), (-1, 4), (1 << 40, 4), (1 << 14, 1 << 20)] {
            let search = Synthesizer(ranks: ranks, microbatches: microbatches, placement: .linear, costs: costs)
            let error = try #require(throws: SynthesisError.self) { try search.run() }
            #expect(error.reason == .sizes(ranks: ranks, microbatches: microbatches))
        }
        var tight = Synthesizer(ranks: 4, microbatches: 4, placement: .interleaved(chunks: 4), costs: costs)
        tight.activationLimit = 1
        let error = try #require(throws: SynthesisError.self) { try tight.run() }
        #expect(error.reason == .nothingFits(limit: 1))
    }

    /// A V puts the two slow stages on one rank.
    @Test("Two slow stages on one rank move to different ranks")
    func stagesThatDifferAreAssigned() throws {
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
        // Two chains are not changed.
        search.placement = .bidirectional
        search.assignStages()
        #expect(search.placement == .bidirectional)
    }

    @Test("Assignments that do not fit the pipeline are refused")
    func wrongAssignmentsAreRefused() throws {
        for ranks in [[], [0, 0, 1], [0, 1, 0, 3], [0, 0, 0, 1], [-1, 0, 0, -1]] {
            let search = Synthesizer(ranks: 2, microbatches: 4, placement: .assigned(ranks: ranks), costs: .unit())
            let error = try #require(throws: SynthesisError.self, "\(ranks)") { try search.run() }
            #expect(error.reason == .assignment(stages: ranks.count, ranks: 2), "\(ranks)")
        }
    }
}
