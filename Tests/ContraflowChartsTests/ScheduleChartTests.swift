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
    @Test func aSmallDualPipeLooksAsRecorded() throws {
        let svg = try chart(.dualPipe, ranks: 4, microbatches: 10)
        let name = "Fixtures/dualpipe_4ranks_10mb.svg"
        if ProcessInfo.processInfo.environment["CONTRAFLOW_RECORD"] != nil {
            let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
            try Data(svg.utf8).write(to: source)
        } else {
            #expect(svg == (try String(contentsOf: Bundle.module.bundleURL.appending(path: name), encoding: .utf8)))
        }
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
        let svg = ScheduleChart(title: title, timeline: timeline, chains: schedule.chains).svg()
        let file = Bundle.module.bundleURL.appending(path: "Fixtures/\(name).svg")
        #expect(svg == (try String(contentsOf: file, encoding: .utf8)))
    }

    @Test func theSecondChainIsNumberedOn() throws {
        let svg = try chart(.dualPipe, ranks: 2, microbatches: 4)
        for number in 0..<4 { #expect(svg.contains(">\(number)</text>")) }
        #expect(!svg.contains(">4</text>"))
        #expect(svg.contains("DualPipe &lt;test&gt;"))
    }

    @Test func anEmptyTimelineIsAPictureToo() {
        #expect(ScheduleChart(title: "nothing", timeline: .init(), chains: []).svg().hasPrefix("<svg"))
    }
}
