import Foundation
import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines
import TrainingRecipes
import TrainingRuns

@Suite struct RunReportTests {
    @Test("The report shows figures, losses and both timelines, and escapes names")
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
        #expect(html.components(separatedBy: "<svg").count == 5)
        #expect(html.contains("a &lt;run&gt;") && !html.contains("<run>"))
        #expect(html.contains("<td>validation loss</td><td>1.75</td>"))
        #expect(html.contains("<td>tokens per second</td><td>1024</td>"))
    }

    /// CUDA devices run a step after it is submitted, so that the recorded times are not those of the devices.
    @Test("The report of a run on CUDA devices does not claim measured times") func aReportOfDevicesClaimsNoTimes()
        throws
    {
        var recipe = Preset.debug.recipe
        recipe.training.device = .cuda
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        let timeline = try Simulation(schedule, costs: .unit(1_000_000)).timeline
        let step = StepMetrics(
            step: 1, loss: 5, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3, tokens: 512,
            seconds: 0.5, bubble: nil, hiddenCommunication: nil, expertBalance: 0.9)
        let html = RunReport(
            recipe: recipe, steps: [step], chains: schedule.chains, measured: timeline, planned: nil
        ).html()
        #expect(html.contains("the last step as submitted to the devices") && !html.contains("as measured"))
        #expect(try !String(decoding: JSONEncoder().encode(step), as: UTF8.self).contains("bubble"))
    }

    @Test("The report of a run without steps is a page") func aReportWithoutStepsIsAPage() {
        let empty = RunReport(recipe: Recipe(), steps: [], chains: [], measured: Timeline(), planned: Timeline())
        #expect(empty.html().contains("</html>"))
    }
}
