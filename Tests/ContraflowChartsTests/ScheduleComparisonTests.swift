import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite("Several schedules on one scale, and their page") struct ScheduleComparisonTests {
    private func charts(_ name: String = "plain") throws -> (charts: [ScheduleChart], notes: [[String]]) {
        let simulations = try [BuiltInSchedule.dualPipe, .oneForwardOneBackward].map {
            try Simulation(try $0.build(ranks: 4, microbatches: 10), costs: .unit(1_000_000))
        }
        let charts = simulations.map {
            ScheduleChart(title: $0.schedule.name + " " + name, timeline: $0.timeline, chains: $0.schedule.chains)
        }
        return (charts, simulations.map(\.causes))
    }

    @Test("Schedules below one another share one time scale")
    func schedulesShareOneScale() throws {
        let svg = try ScheduleComparison(charts: charts().charts).svg()
        #expect(svg.components(separatedBy: ">Rank 0<").count == 3)
        // The idle rectangles of both schedules are equally wide.
        let widths = svg.split(separator: "\n").filter { $0.contains(#"class="idle""#) }.map { line in
            String(line.split(separator: " ").first { $0.hasPrefix("width=") } ?? "")
        }
        #expect(widths.count == 8 && Set(widths).count == 1)
        #expect(ScheduleComparison(charts: []).svg().hasPrefix("<svg"))
    }

    @Test("The page needs no other file and escapes names")
    func thePageStandsAloneAndEscapesNames() throws {
        let (charts, notes) = try charts("</script><b>")
        let html = SchedulePage(title: "a < b", charts: charts, notes: notes).html()
        // One script of data, two of code.
        #expect(html.components(separatedBy: "</script>").count == 4)
        #expect(html.contains("a &lt; b") && !html.contains("http"))
        #expect(html.contains("waited") && html.contains("\"(0F4") == false)
        let spans = charts.map(\.timeline.spans.count).reduce(0, +)
        #expect(html.components(separatedBy: "\"kind\":\"forward\"").count > spans / 4)
        // A backward takes twice the width of the forward beside it.
        #expect(html.contains("\"kind\":\"backward\",\"text\":\"0\",\"weight\":2}]"))
    }

    @Test("A page tells chunks apart")
    func aPageTellsChunksApart() throws {
        let schedule = try BuiltInSchedule.zeroBubbleV.build(ranks: 2, microbatches: 4)
        let timeline = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        let chart = ScheduleChart(title: "V", timeline: timeline, chains: schedule.chains)
        let html = SchedulePage(title: "V", charts: [chart]).html()
        let labels = html.components(separatedBy: "\"kind\":\"forward\"").dropFirst()
        #expect(html.contains("Chunks 1 to 2 of a rank"))
        #expect(labels.count == 16 && labels.count { $0.prefix(30).contains("\"opacity\":0.5") } == 8)
        let plain = SchedulePage(title: "plain", charts: try charts().charts).html()
        #expect(!plain.contains("Chunks 1 to") && !plain.contains("\"opacity\":0.5"))
    }

    @Test("The figures of one schedule stand in large type, those of several in a table")
    func figuresComeFirst() throws {
        let charts = try charts().charts
        let figures = [[("step", "1 ms"), ("bubble", "2 %")], [("step", "3 ms"), ("bubble", "4 %")]].map { list in
            list.map { (name: $0.0, value: $0.1) }
        }
        let one = SchedulePage(title: "one", charts: [charts[0]], figures: [figures[0]]).html()
        #expect(one.contains("<title>one – Contraflow plan</title>"))
        let figure = try #require(one.range(of: "<dt>bubble</dt><dd>2 %</dd>"))
        let timeline = try #require(one.range(of: "<figure class=\"timeline\""))
        #expect(figure.lowerBound < timeline.lowerBound)
        let two = SchedulePage(title: "two", charts: charts, figures: figures).html()
        #expect(two.contains("<td>DualPipe plain</td><td>1 ms</td><td>2 %</td>") && two.contains("<td>4 %</td>"))
    }

    @Test("Charts that start at different times begin at 0 on a page")
    func chartsBeginAtZero() throws {
        var charts = try charts().charts
        var later = Timeline()
        later.append(contentsOf: charts[1].timeline, offset: 5_000_000)
        charts[1].timeline = later
        let html = SchedulePage(title: "late", charts: charts).html()
        #expect(html.components(separatedBy: "\"name\":\"Rank 0\",\"spans\":[0,").count == 3)
        #expect(html.contains("{\"end\":39000000,"))
    }
}
