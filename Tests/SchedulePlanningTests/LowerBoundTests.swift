import PipelineSchedules
import SchedulePlanning
import Testing

@Suite("Lower bounds") struct LowerBoundTests {
    /// Tries all schedules of very small pipelines.
    @Test("The bound is at most the optimum of all schedules, and no search result is below the optimum")
    func boundIsBelowTheOptimum() throws {
        let placements: [(PlacementFamily, ranks: Int, microbatches: ClosedRange<Int>)] = [
            (.linear, 2, 1...4), (.linear, 3, 1...3), (.linear, 4, 1...2), (.wave(chunks: 2), 2, 1...2),
            (.interleaved(chunks: 2), 2, 1...2), (.wave(chunks: 2), 3, 1...1),
        ]
        var random = SplitMix64(state: 5)
        var compared = 0
        for (placement, ranks, counts) in placements {
            for microbatches in counts {
                for _ in 0..<6 {
                    let stages = ranks * placement.stagesPerRank
                    var costs = PipelineCosts.random(stages: stages, &random, scale: 100)
                    if random.next(below: 3) == 0 { costs.stages = [costs.stages[0]] }
                    let limit = placement.stagesPerRank + random.next(below: 3)
                    let text = "\(placement.name) P=\(ranks) M=\(microbatches) limit \(limit) \(costs)"
                    var search = Synthesizer(
                        ranks: ranks, microbatches: microbatches, placement: placement, costs: costs)
                    search.activationLimit = limit
                    search.evaluations = 400
                    guard let found = try? search.run() else { continue }
                    let exact = ExactSearch(
                        placement.chains(ranks: ranks, microbatches: microbatches), rankCount: ranks, costs: costs,
                        limit: limit, upperBound: found.makespan, maximumNodes: 400_000)
                    #expect(exact.isComplete, "\(text)")
                    #expect(found.bound.time <= exact.best, "\(text)")
                    #expect(exact.best <= found.makespan, "\(text)")
                    compared += 1
                }
            }
        }
        #expect(compared > 60, "\(compared)")
    }

    /// The optimum of 2 ranks and 3 micro-batches at DeepSeek-V3's proportions, in tenths of a millisecond. A
    /// constraint solver (OR-Tools' CP-SAT) finds the same.
    @Test(
        "At DeepSeek-V3's proportions, the exact optimum of a small pipeline is the one of a constraint solver",
        arguments: [(PlacementFamily.interleaved(chunks: 2), Int64(6650)), (.wave(chunks: 2), 6628)])
    func smallOptimaAgreeWithAConstraintSolver(placement: PlacementFamily, optimum: Int64) throws {
        let costs = PipelineCosts(
            uniform: StageCosts(forward: 487, inputGradient: 558, weightGradient: 118), overlapSaving: 1 - 645.0 / 1163)
        let chains = placement.chains(ranks: 2, microbatches: 3)
        let exact = ExactSearch(
            chains, rankCount: 2, costs: costs, limit: 6, upperBound: optimum + 1, maximumNodes: 3_000_000)
        #expect(exact.isComplete && exact.best == optimum)
        #expect(LowerBound(chains, rankCount: 2, costs: costs).time <= optimum)
    }

    /// At DeepSeek-V3's proportions, 8 ranks and 64 micro-batches, no schedule with two equal chunks per rank is less
    /// than 14.8 % above fully overlapped work, under any placement of the chunks, and none with four is less than 12.4
    /// %.
    ///
    /// The last stage of some rank is at most stage vP - P. The first backward of that rank starts no earlier than all
    /// vP forwards and P - 1 input gradients after the start of the step. After its last forward, a micro-batch has P -
    /// 1 forwards and all backwards ahead. A pair is a forward and a backward, so that all pairs lie between the two.
    @Test(
        "At DeepSeek-V3's proportions, the bound for equal chunks is that of the closed formula",
        arguments: [(2, 14.8), (4, 12.4)])
    func boundAgreesWithTheClosedFormula(chunks: Int, percent: Double) throws {
        let (ranks, microbatches) = (8, 64)
        let costs = CostPreset.deepSeekV3H800.costs.divided(by: Double(chunks))
        let stage = costs.stage(0)
        let pair = Double(costs.pairLength(forwardStage: 0, backwardStage: 0))
        let work = Double(chunks * microbatches) * pair
        let (forward, input, full) = (Double(stage.forward), Double(stage.inputGradient), Double(stage.backward))
        let stages = Double(chunks * ranks)
        let head = stages * forward + Double(ranks - 1) * input
        let tail = Double(ranks - 1) * forward + (stages - 1) * input + full
        // Equally many forwards and backwards run alone, `alone` of each: before the end of the head and after the
        // start of the tail, or else between them, beside the pairs.
        let times = (0...chunks * microbatches).map { alone in
            let alone = Double(alone)
            let between = max(0, alone * forward - head) + max(0, alone * full - tail)
            return head + tail + work - alone * pair + between
        }
        let least = try #require(times.min())
        #expect(100 * (least / work - 1) > percent)
        for placement in [PlacementFamily.interleaved(chunks: chunks), .wave(chunks: chunks)] {
            let bound = LowerBound(
                placement.chains(ranks: ranks, microbatches: microbatches), rankCount: ranks, costs: costs)
            // The bound may exclude weight gradients from pairs, which gains less than two of them.
            #expect(Double(bound.time) > least - 2 * Double(stage.weightGradient), "\(placement.name)")
        }
    }
}
