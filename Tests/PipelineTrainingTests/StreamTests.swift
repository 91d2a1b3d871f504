import LibTorch
import PipelineRuntime
import PipelineSchedules
import Testing

/// Events between the streams of a step, on the logical streams of the CPU. The integration runs check every schedule.
@Suite("Streams of a step", .serialized) struct StreamTests {
    @Test(
        "Every waiting stream has a wait without which the checker finds a hazard",
        arguments: [
            IntegrationRun(nil, .dualPipe, p: 2, e: 2, m: 4), IntegrationRun(nil, .zeroBubbleV, p: 2, e: 2, m: 4),
        ]
    )
    func removedEvents(run: IntegrationRun) throws {
        let run = run.halved.with("no shared memory") { $0.sharesMemory = false }
        let trace = try #require(try run.outcome().traces.first)
        #expect(StreamChecker.hazards(in: trace) == [])
        #expect(trace.steps.count { $0.name == "aten::mm" } > 100)
        let waits = trace.steps.indices.filter { trace.steps[$0].kind == .wait }
        let waiting = Dictionary(grouping: waits) { trace.steps[$0].stream }
        // The computing stream, those of tokens, counts, sums and sends, and those of the process groups.
        #expect(waiting.count >= 8)
        for (stream, waits) in waiting {
            // Some waits are redundant, because a later one of the same stream covers them.
            let isFound = waits.contains { position in
                var changed = trace
                changed.steps.remove(at: position)
                return !StreamChecker.hazards(in: changed).isEmpty
            }
            #expect(isFound, "stream \(stream)")
        }
    }

    @Test("A wait of a thread for another thread's copy is found missing", arguments: [(2, 1), (1, 2)])
    func threads(layout: (pipeline: Int, experts: Int)) throws {
        let run = IntegrationRun(nil, .dualPipe, p: layout.pipeline, e: layout.experts, m: 4).halved
        let trace = try #require(try run.with("threads") { $0.sharedDevice = .cpu }.outcome().traces.first)
        #expect(StreamChecker.hazards(in: trace) == [])
        let threadOfEvent = Dictionary(
            trace.steps.lazy.filter { $0.kind == .record }.map { ($0.object, $0.thread) }
        ) { first, _ in first }
        let waits = trace.steps.indices.filter { position in
            let step = trace.steps[position]
            return step.kind == .wait && threadOfEvent[step.object].map { $0 != step.thread } == true
        }
        #expect(waits.count > 10)
        #expect(Set(waits.map { trace.steps[$0].thread }).count == 2)
        for position in waits.prefix(8) {
            var changed = trace
            changed.steps.remove(at: position)
            #expect(!StreamChecker.hazards(in: changed).isEmpty, "\(trace.steps[position])")
        }
    }
}
