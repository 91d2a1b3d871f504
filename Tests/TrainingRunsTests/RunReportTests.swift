import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines
import TrainingRecipes
import TrainingRuns

@Suite("The report of a run") struct RunReportTests {
    @Test("A report shows curves, headline figures and both timelines")
    func aReportShowsLossesAndBothTimelines() throws {
        var recipe = Preset.debug.recipe
        recipe.job.name = "a <run>"
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        let timeline = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        let steps = (1...3).map { step in
            StepMetrics(
                step: step, loss: 5 / Double(step), mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3,
                tokens: 512, seconds: 0.5, bubble: 0.1, hiddenCommunication: 0.2, expertBalance: 0.9,
                validationLoss: step == 3 ? 1.75 : nil)
        }
        let html = RunReport(
            recipe: recipe, steps: steps, chains: schedule.chains, measured: timeline, planned: timeline
        ).html()
        for title in ["Measured", "Planned, at the measured costs", "Learning rate", "Gradient norm before clipping"] {
            #expect(html.contains("\"title\":\"\(title)\""), "\(title)")
        }
        #expect(html.components(separatedBy: "<figure class=\"timeline\"").count == 2)
        #expect(html.contains("a &lt;run&gt;") && !html.contains("<run>"))
        for (name, value) in [
            ("step", "500.0 ms"), ("bubble", "10.0 %"), ("hidden communication", "20.0 %"),
            ("validation loss", "1.750"),
            ("tokens per second", "1024"),
        ] {
            #expect(html.contains("<dt>\(name)</dt><dd>\(value)</dd>"), "\(name)")
        }
    }

    /// Devices run a step later than it is handed to them.
    @Test("A report of a run on devices has measured times; unknown shares are not written")
    func aReportOfDevices() throws {
        var recipe = Preset.debug.recipe
        recipe.training.device = .cuda
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        let timeline = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        let step = StepMetrics(
            step: 1, loss: 5, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3, tokens: 512,
            seconds: 0.5, bubble: nil, hiddenCommunication: nil, expertBalance: 0.9)
        let html = RunReport(
            recipe: recipe, steps: [step], chains: schedule.chains, measured: timeline, planned: timeline
        ).html()
        #expect(html.contains("Measured") && html.contains("Planned, at the measured costs"))
        #expect(try !String(decoding: JSONEncoder().encode(step), as: UTF8.self).contains("bubble"))
    }

    @Test("A report of no steps is a page")
    func aReportOfNothingIsAPage() {
        let empty = RunReport(recipe: Recipe(), steps: [], chains: [], measured: Timeline(), planned: Timeline())
        #expect(empty.html().contains("</html>"))
    }

    @Test("The planned timeline has a row for every rank that was measured, on the measured one's scale")
    func plannedAndMeasuredHaveTheSameRows() throws {
        var recipe = Preset.debug.recipe
        (recipe.parallelism.pipelineParallelDegree, recipe.parallelism.expertParallelDegree) = (2, 2)
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        let planned = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        var measured = Timeline()
        for rank in 0..<4 {
            measured.append(
                start: 7, duration: 5, lane: TimelineLane(rank: rank, name: "actions"),
                event: .action(Action(.forward, stage: 0, microbatch: 0)))
        }
        let html = RunReport(
            recipe: recipe, steps: [], chains: schedule.chains, measured: measured, planned: planned
        ).html()
        for rank in 0..<4 { #expect(html.components(separatedBy: "\"name\":\"Rank \(rank)\"").count == 3) }
        // The ranks of an expert-parallel group share a plan.
        let begin = try #require(html.range(of: "<script type=\"application/json\">")?.upperBound)
        let end = try #require(html.range(of: "</script>", range: begin..<html.endIndex)?.lowerBound)
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(html[begin..<end].utf8)) as? [String: Any])
        let panels = try #require(data["panels"] as? [[String: Any]])
        let lanes = try #require(panels.last?["lanes"] as? [[String: Any]])
        let starts = lanes.map { lane in
            let spans = lane["spans"] as? [Int] ?? []
            return stride(from: 0, to: spans.count, by: 3).map { spans[$0] }
        }
        #expect(starts.count == 4 && starts[0].count >= 8 && starts[0] == starts[1] && starts[2] == starts[3])
        let first = try #require(panels.first?["lanes"] as? [[String: Any]])
        #expect((first[0]["spans"] as? [Int])?.prefix(2) == [0, 5])
    }

    @Test("The largest rank's estimated memory is a headline figure")
    func memoryIsAHeadline() throws {
        let recipe = Preset.debug.recipe
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 8)
        let step = StepMetrics(
            step: 1, loss: 5, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3, tokens: 512, seconds: 0.5,
            expertBalance: 0.9)
        let memory = recipe.memory(schedule)
        let html = RunReport(
            recipe: recipe, steps: [step], chains: schedule.chains, measured: Timeline(), planned: nil, memory: memory
        ).html()
        let largest = Recipe.memoryText(memory.map(\.total).max() ?? 0)
        #expect(html.contains("<dt>memory per rank, about</dt><dd>\(largest)</dd>"))
    }
}
