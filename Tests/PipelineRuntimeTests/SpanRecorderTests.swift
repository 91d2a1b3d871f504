import DistributedRuntime
import LibTorch
import PipelineRuntime
import Testing
import Timelines
import TrainingRecipes

@Suite("Span recorder") struct SpanRecorderTests {
    @Test("Reading the times of a step before an operation has ended is an error") func unfinished() throws {
        let durations = try World(DeviceMesh(pipeline: 2, experts: 1)).run { place in
            let makeGroup = try place.rendezvous()
            let (group, control) = (try makeGroup([0, 1]), try makeGroup.control([0, 1]))
            let recorder = SpanRecorder(rank: place.rank, clock: .streams)
            let key = recorder.key(.reductions, .gradientReduction)
            let numbers = try Tensor.zeros([3], .float64)
            if place.rank == 1 { try control.barrier() }
            let extent = try recorder.extent(on: Stream(), after: .record()) { try group.allReduce(numbers) }
            if place.rank == 0 {
                // Rank 1 has not started its part.
                let error = #expect(throws: LibTorchError.self) { try recorder.finish() }
                #expect(error?.message.contains("before the event has happened") == true)
                try control.barrier()
            }
            try extent.work.wait()
            try recorder.record(key, extent)
            try recorder.close()
            try recorder.finish()
            return try #require(recorder.timeline.spans.first).duration
        }
        #expect(durations.allSatisfy { $0 > 0 })
    }

    @Test("Spans between marks have the times of the clock at the marks") func marks() throws {
        for clock in [SpanRecorder.Clock.host, .streams] {
            let recorder = SpanRecorder(rank: 0, clock: clock)
            let key = recorder.key(.segments, .gradientReduction)
            for _ in 0..<3 {
                recorder.clear()
                try HostClock.counting {
                    let first = try recorder.now()
                    let second = try recorder.now()
                    recorder.record(key, from: first, to: second)
                    recorder.record(key, from: second, to: try recorder.now())
                    try recorder.close()
                    try recorder.finish()
                }
                #expect(recorder.timeline.spans.map(\.start) == [1, 2])
                #expect(recorder.timeline.spans.map(\.duration) == [1, 1])
            }
            #expect(recorder.markCount == (clock == .host ? 0 : 3))
        }
    }
}
