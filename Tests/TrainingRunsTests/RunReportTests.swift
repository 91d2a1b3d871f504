import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines
import TrainingRecipes
import TrainingRuns

@Suite struct RunReportTests {
    @Test func aReportShowsLossesAndBothTimelines() throws {
        var recipe = Preset.debug.recipe
        recipe.run.name = "a <run>"
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        let timeline = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        let steps = (1...3).map { step in
            StepMetrics(
                step: step, loss: 5 / Double(step), secondTokenLoss: 1, balanceLoss: 0, gradientNorm: 1, rate: 1e-3,
                tokens: 512, seconds: 0.5, bubble: 0.1, hiddenCommunication: 0.2, expertBalance: 0.9,
                validationLoss: step == 3 ? 1.75 : nil)
        }
        let html = RunReport(
            recipe: recipe, steps: steps, chains: schedule.chains, measured: timeline, planned: timeline
        ).html()
        #expect(html.components(separatedBy: "<svg").count == 5)
        #expect(html.contains("a &lt;run>") && !html.contains("<run>"))
        #expect(html.contains("<td>held-out loss</td><td>1.75</td>"))
        #expect(html.contains("<td>tokens a second</td><td>1024</td>"))
    }

    @Test func aReportOfNothingIsAPageToo() {
        let empty = RunReport(recipe: Recipe(), steps: [], chains: [], measured: Timeline(), planned: Timeline())
        #expect(empty.html().contains("</html>"))
    }
}
