import PipelineRuntime
import DistributedRuntime
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import TestSupport
import Testing
import TrainingRecipes

/// Overlap changes the order in which segments run, but not their results.
@Suite("Overlap", .serialized) struct OverlapTests {
    /// Returns a random valid plan.
    private static func randomPlan(_ segments: OverlapProblem, _ generator: inout SeededGenerator) -> OverlapPlan {
        var left = [segments.forward.segments.count, segments.backward.segments.count, segments.weights.count]
        var order: [OverlapPlan.Pass] = []
        while left.contains(where: { $0 > 0 }) {
            let ready = OverlapPlan.Pass.allCases.filter { pass in
                guard left[Int(pass.rawValue)] > 0 else { return false }
                guard pass == .weights, let after = segments.weights[segments.weights.count - left[2]].after else {
                    return true
                }
                return segments.backward.segments.count - left[1] > after
            }
            guard let pass = ready.randomElement(using: &generator) else { break }
            order.append(pass)
            left[Int(pass.rawValue)] -= 1
        }
        return OverlapPlan(order)
    }

    @Test(
        "Every overlap plan computes the same bits as no overlap",
        arguments: [BuiltInSchedule.dualPipe, .zeroBubble, .oneForwardOneBackward, .zeroBubbleV])
    func plans(kind: BuiltInSchedule) throws {
        let grid = DeviceMesh(pipeline: 2, experts: 2)
        var configuration = ReferenceModel.configuration
        configuration.numHiddenLayers = 4
        let model = DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length)
        let schedule = try kind.build(ranks: 2, microbatches: 4)
        @Sendable func rank(_ place: RankContext, overlaps: Bool) throws -> Trainer {
            try Trainer(
                model: model, schedule: schedule, grid: grid, place: place, samples: 8, seed: 3,
                overlaps: overlaps)
        }
        @Sendable func gradients(_ trainer: Trainer) throws -> [[Double]] {
            let batches = trainer.batches(counts: ReferenceModel.counts(sequences: 8)) {
                try ReferenceModel.batch(sequences: $0)
            }
            _ = try trainer.computeGradients(batches)
            return try trainer.parameters.buckets.map { try $0.gradients.doubles() }
        }
        let expected = try World(grid).run { place in try gradients(rank(place, overlaps: false)) }
        let areEqual = try World(grid).run { place in
            let trainer = try rank(place, overlaps: true)
            // All ranks use the same seed, so that the ranks of an expert-parallel group have the same plans.
            var generator = SeededGenerator(5)
            var outcomes = [try gradients(trainer)]
            for _ in 0..<4 {
                trainer.executor.overlapPlans = trainer.executor.patterns.map {
                    Self.randomPlan($0.problem, &generator)
                }
                outcomes.append(try gradients(trainer))
            }
            try trainer.replanOverlap()
            outcomes.append(try gradients(trainer))
            return outcomes.allSatisfy { $0 == expected[place.rank] }
        }
        #expect(areEqual == [true, true, true, true])
    }
}
