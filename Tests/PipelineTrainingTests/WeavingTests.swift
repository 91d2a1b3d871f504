import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Testing
import TrainingRecipes

/// Weaving decides when parts run, never what they compute.
@Suite(.serialized) struct WeavingTests {
    /// Any order of turns that keeps to the rules.
    private static func anyWeave(_ parts: WeaveProblem, _ generator: inout SplitMix64) -> Weave {
        var left = [parts.forward.parts.count, parts.backward.parts.count, parts.weights.count]
        var turns: [Weave.Turn] = []
        while left.contains(where: { $0 > 0 }) {
            let ready = Weave.Turn.allCases.filter { turn in
                guard left[Int(turn.rawValue)] > 0 else { return false }
                guard turn == .weights, let after = parts.weights[parts.weights.count - left[2]].after else {
                    return true
                }
                return parts.backward.parts.count - left[1] > after
            }
            guard let turn = ready.randomElement(using: &generator) else { break }
            turns.append(turn)
            left[Int(turn.rawValue)] -= 1
        }
        return Weave(turns)
    }

    @Test(arguments: [BuiltInSchedule.dualPipe, .zeroBubble, .oneForwardOneBackward, .zeroBubbleV])
    func everyWeaveComputesTheSameBits(kind: BuiltInSchedule) throws {
        let grid = RankGrid(pipeline: 2, experts: 2)
        var configuration = ReferenceModel.configuration
        configuration.layers = 4
        let model = DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length)
        let schedule = try kind.build(ranks: 2, microbatches: 4)
        @Sendable func rank(_ place: WorldPlace, overlaps: Bool) throws -> TrainingRank {
            try TrainingRank(
                model: model, schedule: schedule, grid: grid, place: place, samples: 8, type: .float64, seed: 3,
                overlaps: overlaps)
        }
        @Sendable func gradients(_ trainer: TrainingRank) throws -> [[Double]] {
            let batches = trainer.batches(counts: ReferenceModel.counts(sequences: 8)) {
                try ReferenceModel.batch(sequences: $0)
            }
            _ = try trainer.computeGradients(batches)
            return try trainer.parameters.buckets.map { try $0.gradients.doubles() }
        }
        let expected = try World(grid).run { place in try gradients(rank(place, overlaps: false)) }
        let areEqual = try World(grid).run { place in
            let trainer = try rank(place, overlaps: true)
            // One generator on all ranks, so that those of an expert-parallel group weave alike.
            var generator = SplitMix64(seed: 5)
            var outcomes = [try gradients(trainer)]
            for _ in 0..<4 {
                trainer.executor.weaves = trainer.executor.patterns.map { Self.anyWeave($0.parts, &generator) }
                outcomes.append(try gradients(trainer))
            }
            try trainer.reweave()
            outcomes.append(try gradients(trainer))
            return outcomes.allSatisfy { $0 == expected[place.rank] }
        }
        #expect(areEqual == [true, true, true, true])
    }
}
