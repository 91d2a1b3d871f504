import DistributedRuntime
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Testing
import Timelines
import TrainingRecipes

/// The path on which devices record spans, on the CPU. The clock counts its reads, so that times are exact.
@Suite("Times on the streams of a device", .serialized) struct DeviceTimesTests {
    /// The timeline and the number of marks of a rank after each step, and the overlap plans before and after each.
    private struct Recorded: Sendable {
        var timelines: [Timeline] = []
        var plans: [[[OverlapPlan.Pass]]] = []
        var marks: [Int] = []
    }

    private static func recorded(
        _ kind: BuiltInSchedule, _ grid: DeviceMesh, onStreams: Bool, steps: Int
    ) throws -> [Recorded] {
        var configuration = ReferenceModel.configuration
        configuration.numHiddenLayers = 4
        let model = DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length)
        let schedule = try kind.build(ranks: grid.pipeline, microbatches: 4)
        return try World(grid).run { place in
            var place = place
            place.timesStreams = onStreams
            let trainer = try Trainer(model: model, schedule: schedule, grid: grid, place: place, samples: 8, seed: 3)
            let batches = trainer.batches(counts: ReferenceModel.counts(sequences: 8)) {
                try ReferenceModel.batch(sequences: $0)
            }
            var recorded = Recorded(plans: [trainer.executor.overlapPlans.map(\.order)])
            for step in 1...steps {
                try HostClock.counting {
                    _ = try trainer.train(batches, optimizer: OptimizerStep(number: step, lr: 1e-3))
                }
                recorded.timelines.append(trainer.timeline)
                recorded.plans.append(trainer.executor.overlapPlans.map(\.order))
                recorded.marks.append(trainer.recorder.markCount)
            }
            return recorded
        }
    }

    @Test(
        "Marks on streams give the spans of the host's clock",
        arguments: [BuiltInSchedule.dualPipe, .zeroBubble, .oneForwardOneBackward, .dualPipeV],
        [(1, 1), (2, 1), (2, 2)])
    func spans(kind: BuiltInSchedule, layout: (pipeline: Int, experts: Int)) throws {
        let grid = DeviceMesh(pipeline: layout.pipeline, experts: layout.experts)
        let host = try Self.recorded(kind, grid, onStreams: false, steps: 2)
        let streams = try Self.recorded(kind, grid, onStreams: true, steps: 2)
        for (rank, (host, streams)) in zip(host, streams).enumerated() {
            #expect(host.marks == [0, 0] && streams.marks[0] > 0)
            #expect(host.plans == streams.plans, "rank \(rank)")
            for (expected, timeline) in zip(host.timelines, streams.timelines) {
                #expect(timeline.lanes == expected.lanes && timeline.events == expected.events)
                #expect(!timeline.spans.isEmpty && timeline.spans == expected.spans)
                let times = ClassTimes(timeline, rank: rank).breakdown
                #expect(times.hiddenShare != nil || layout.experts == 1)
            }
        }
    }

    @Test("Overlap is planned again with the times of streams") func replanning() throws {
        let grid = DeviceMesh(pipeline: 2, experts: 2)
        let recorded = try Self.recorded(.dualPipe, grid, onStreams: true, steps: 1)
        for rank in recorded { #expect(rank.plans[1] != rank.plans[0]) }
    }

    @Test("Marks are used again in the next step") func reuse() throws {
        let recorded = try Self.recorded(.dualPipe, DeviceMesh(pipeline: 2, experts: 2), onStreams: true, steps: 4)
        for rank in recorded { #expect(rank.marks[0] > 100 && Set(rank.marks).count == 1) }
    }
}
