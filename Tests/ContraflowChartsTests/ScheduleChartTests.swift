import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite struct ScheduleChartTests {
    private func chart(_ schedule: BuiltInSchedule, ranks: Int, microbatches: Int) throws -> String {
        let built = try schedule.build(ranks: ranks, microbatches: microbatches)
        let timeline = try Simulation(built, costs: .unit(1_000_000)).timeline
        return ScheduleChart(title: "\(built.name) <test>", timeline: timeline, chains: built.chains).svg()
    }

    /// CONTRAFLOW_RECORD=1 records the picture anew.
    private func expectRecorded(_ svg: String, _ name: String) throws {
        let name = "Fixtures/\(name).svg"
        if ProcessInfo.processInfo.environment["CONTRAFLOW_RECORD"] != nil {
            let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
            try Data(svg.utf8).write(to: source)
        } else {
            #expect(svg == (try String(contentsOf: Bundle.module.bundleURL.appending(path: name), encoding: .utf8)))
        }
    }

    @Test func waitsAreNoActions() {
        let lane = TimelineLane(rank: 0, name: "waits")
        var timeline = Timeline()
        timeline.append(
            start: 0, duration: 5, lane: lane, event: .action(Action(.forward, stage: 0, microbatch: 0)))
        let alone = ScheduleChart(title: "", timeline: timeline, chains: []).svg()
        #expect(alone.contains("0F0"))
        timeline.append(
            start: 1, duration: 2, lane: lane,
            event: .wait(.exchange(SegmentEvent("counts", .forward, stage: 0, microbatch: 0), .counts)))
        #expect(ScheduleChart(title: "", timeline: timeline, chains: []).svg() == alone)
    }

    @Test func aSmallDualPipeLooksAsRecorded() throws {
        try expectRecorded(try chart(.dualPipe, ranks: 4, microbatches: 10), "dualpipe_4ranks_10mb")
    }

    /// As `contraflow plan --schedule … --format svg` writes them.
    @Test(arguments: [
        (BuiltInSchedule.zeroBubbleV, 6, "zbv_4ranks_6mb"),
        (.interleavedOverlap, 8, "interleaved_overlap_4ranks_8mb"),
    ])
    func smallSchedulesLookAsRecorded(kind: BuiltInSchedule, microbatches: Int, name: String) throws {
        let schedule = try kind.build(ranks: 4, microbatches: microbatches)
        let timeline = try Simulation(schedule, costs: .unit(500_000)).timeline
        let title = "\(schedule.name), 4 ranks, \(microbatches) micro-batches"
        try expectRecorded(ScheduleChart(title: title, timeline: timeline, chains: schedule.chains).svg(), name)
    }

    /// A rank's second chunk is lighter, in the picture and in its legend; DualPipe's second chain is no second chunk.
    @Test func laterChunksAreLighter() throws {
        let interleaved = try chart(.interleaved, ranks: 2, microbatches: 4)
        #expect(interleaved.contains(#"class="F""#) && interleaved.contains(#"class="F c1""#))
        #expect(interleaved.contains(".c1{fill-opacity:0.5}") && interleaved.contains("Chunks 1 to 2 of a rank"))
        let lighter = interleaved.components(separatedBy: #"class="F c1""#).count - 1
        #expect(lighter == 2 * 4)
        let dualPipe = try chart(.dualPipe, ranks: 2, microbatches: 4)
        #expect(!dualPipe.contains(" c1") && !dualPipe.contains("Chunks"))
    }

    @Test func theSecondChainIsNumberedOn() throws {
        let svg = try chart(.dualPipe, ranks: 2, microbatches: 4)
        for number in 0..<4 { #expect(svg.contains(">\(number)</text>")) }
        #expect(!svg.contains(">4</text>"))
        #expect(svg.contains("DualPipe &lt;test&gt;"))
    }

    /// A picture of many ranks is seen as a whole: it is no wider than a screen or two, and has shapes instead of numbers.
    @Test func manyRanksAreAnOverview() throws {
        let svg = try chart(.oneForwardOneBackward, ranks: 128, microbatches: 256)
        let size = try #require(svg.firstMatch(of: /width="(\d+)" height="(\d+)"/))
        #expect(Int(size.1) ?? 9999 < 2600 && Int(size.2) ?? 9999 < 1800)
        #expect(!svg.contains(#"class="number""#) && svg.contains("Rank 124<") && !svg.contains("Rank 125<"))
        #expect(try chart(.oneForwardOneBackward, ranks: 48, microbatches: 4).contains(#"class="number""#))
    }

    @Test func anEmptyTimelineIsAPictureToo() {
        #expect(ScheduleChart(title: "nothing", timeline: .init(), chains: []).svg().hasPrefix("<svg"))
    }
}
