import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite("Pictures of schedules") struct ScheduleChartTests {
    private func chart(_ schedule: BuiltInSchedule, ranks: Int, microbatches: Int) throws -> String {
        let built = try schedule.build(ranks: ranks, microbatches: microbatches)
        let timeline = try Simulation(built, costs: .unit(1_000_000)).timeline
        return ScheduleChart(title: "\(built.name) <test>", timeline: timeline, chains: built.chains).svg()
    }

    /// Compares a picture with the recorded one; CONTRAFLOW_RECORD=1 records it instead.
    private func expectRecorded(_ svg: String, _ name: String) throws {
        let name = "Fixtures/\(name).svg"
        if ProcessInfo.processInfo.environment["CONTRAFLOW_RECORD"] != nil {
            let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
            try Data(svg.utf8).write(to: source)
        } else {
            #expect(svg == (try String(contentsOf: Bundle.module.bundleURL.appending(path: name), encoding: .utf8)))
        }
    }

    @Test("Waits are not drawn")
    func waitsAreNoActions() {
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

    @Test("A small DualPipe looks as recorded")
    func aSmallDualPipeLooksAsRecorded() throws {
        try expectRecorded(try chart(.dualPipe, ranks: 4, microbatches: 10), "dualpipe_4ranks_10mb")
    }

    /// As `contraflow plan --schedule … --format svg` writes them.
    @Test(
        "Small schedules look as recorded",
        arguments: [
            (BuiltInSchedule.zeroBubbleV, 6, "zbv_4ranks_6mb"),
            (.interleavedOverlap, 8, "interleaved_overlap_4ranks_8mb"),
        ])
    func smallSchedulesLookAsRecorded(kind: BuiltInSchedule, microbatches: Int, name: String) throws {
        let schedule = try kind.build(ranks: 4, microbatches: microbatches)
        let timeline = try Simulation(schedule, costs: .unit(500_000)).timeline
        let title = "\(schedule.name), 4 ranks, \(microbatches) micro-batches"
        try expectRecorded(ScheduleChart(title: title, timeline: timeline, chains: schedule.chains).svg(), name)
    }

    @Test("A rank's second chunk is lighter; DualPipe's second chain is no second chunk")
    func laterChunksAreLighter() throws {
        let interleaved = try chart(.interleaved, ranks: 2, microbatches: 4)
        #expect(interleaved.contains(#"class="F""#) && interleaved.contains(#"class="F c1""#))
        #expect(interleaved.contains(".F.c1{fill:#ffe6c1}") && interleaved.contains("Chunks 1 to 2 of a rank"))
        let lighter = interleaved.components(separatedBy: #"class="F c1""#).count - 1
        #expect(lighter == 2 * 4)
        let dualPipe = try chart(.dualPipe, ranks: 2, microbatches: 4)
        #expect(!dualPipe.contains(" c1") && !dualPipe.contains("Chunks"))
    }

    @Test("The numbers of the second chain continue those of the first")
    func theSecondChainIsNumberedOn() throws {
        let svg = try chart(.dualPipe, ranks: 2, microbatches: 4)
        for number in 0..<4 { #expect(svg.contains(">\(number)</text>")) }
        #expect(!svg.contains(">4</text>"))
        #expect(svg.contains("DualPipe &lt;test&gt;"))
    }

    /// The picture is at most two screens wide, and has shapes instead of numbers.
    @Test("More than 48 ranks are an overview with an axis at the top and one at the foot")
    func manyRanksAreAnOverview() throws {
        let svg = try chart(.oneForwardOneBackward, ranks: 128, microbatches: 256)
        let size = try #require(svg.firstMatch(of: /width="(\d+)" height="(\d+)"/))
        #expect(Int(size.1) ?? 9999 < 2600 && Int(size.2) ?? 9999 < 1800)
        #expect(!svg.contains("class=\"number ") && svg.contains("Rank 124<") && !svg.contains("Rank 125<"))
        #expect(svg.components(separatedBy: ">0</text>").count == 3)
        #expect(try chart(.oneForwardOneBackward, ranks: 48, microbatches: 4).contains("class=\"number "))
    }

    @Test("Every number is drawn, those of two digits too")
    func numbersAreWhole() throws {
        for schedule in [BuiltInSchedule.dualPipe, .zeroBubbleV] {
            let svg = try chart(schedule, ranks: 4, microbatches: 20)
            let lines = svg.split(separator: "\n")
            let boxes = lines.count { line in line.hasPrefix("<rect") && line.contains("<title>") }
            #expect(boxes > 0 && lines.count { $0.contains("class=\"number") } == boxes)
        }
    }

    @Test("The axis is labelled at both ends")
    func theAxisIsLabelledAtItsEnds() throws {
        let svg = try chart(.oneForwardOneBackward, ranks: 4, microbatches: 10)
        let ticks = svg.split(separator: "\n").filter { $0.contains("<text class=\"tick\"") }
        #expect(ticks.first?.contains(">0</text>") == true && ticks.last?.contains(">39 ms</text>") == true)
    }

    @Test("A picture follows the system's colour scheme, with plain colours in both")
    func picturesHaveADarkScheme() throws {
        let svg = try chart(.dualPipe, ranks: 2, microbatches: 4)
        #expect(svg.contains("@media(prefers-color-scheme:dark){") && !svg.contains("var(--"))
    }

    @Test("An empty timeline gives a picture")
    func anEmptyTimelineIsAPictureToo() {
        #expect(ScheduleChart(title: "nothing", timeline: .init(), chains: []).svg().hasPrefix("<svg"))
    }
}
