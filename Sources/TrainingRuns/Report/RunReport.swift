import ContraflowCharts
public import PipelineSchedules
public import Timelines
public import TrainingRecipes

/// What a run came to, as one page: losses, the measured timeline of its last step above the planned one, and numbers.
public struct RunReport {
    private let recipe: Recipe
    private let steps: [StepMetrics]
    private let chains: [Chain]
    private let measured: Timeline
    private let planned: Timeline?

    /// - Parameters:
    ///   - measured: What the ranks did in the last step.
    ///   - planned: The schedule's simulation at the costs that were measured; nil where they could not be told.
    public init(recipe: Recipe, steps: [StepMetrics], chains: [Chain], measured: Timeline, planned: Timeline?) {
        self.recipe = recipe
        self.steps = steps
        self.chains = chains
        self.measured = measured
        self.planned = planned
    }

    /// The page, which needs nothing beside itself.
    public func html() -> String {
        let schedule = recipe.parallelism.pipelineParallelSchedule
        let loss = CurveChart(
            title: "Loss, nats a token", xName: "step",
            curves: [
                CurveChart.Curve(name: "training", points: points(\.loss)),
                CurveChart.Curve(
                    name: "held out",
                    points: steps.compactMap { step in step.validationLoss.map { (Double(step.step), $0) } }),
            ])
        let waiting = CurveChart(
            title: "Expert balance (mean over largest load), bubble and hidden communication", xName: "step",
            curves: [
                CurveChart.Curve(name: "expert balance", points: points(\.expertBalance)),
                CurveChart.Curve(
                    name: "bubble, part of a step",
                    points: steps.compactMap { step in step.bubble.map { (Double(step.step), $0) } }),
                CurveChart.Curve(
                    name: "hidden, part of communication",
                    points: steps.compactMap { step in step.hiddenCommunication.map { (Double(step.step), $0) } }),
            ])
        let exposed = CurveChart(
            title: "Exposed communication, part of a step", xName: "step",
            curves: ExposureCause.allCases.map { cause in
                CurveChart.Curve(
                    name: cause.name,
                    points: steps.compactMap { step in step.exposed?[cause.name].map { (Double(step.step), $0) } })
            }.filter { !$0.points.isEmpty })
        let title =
            "\(schedule): the last step as "
            + (recipe.training.device == .cpu ? "measured" : "handed to the devices, which run it later")
        var schedules = [ScheduleChart(title: title, timeline: measured, chains: chains)]
        if let planned {
            let title = "\(schedule): the same step as planned, at the measured costs"
            schedules.append(ScheduleChart(title: title, timeline: planned, chains: chains))
        }
        let sections =
            [loss.svg()] + schedules.map { $0.svg() } + [waiting.svg()]
            + (exposed.curves.isEmpty ? [] : [exposed.svg()])
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(recipe.job.name))</title>
            <meta name="viewport" content="width=device-width">
            <style>body{font-family:system-ui,sans-serif;margin:24px;color:#222}section{overflow-x:auto;margin:16px 0}
            table{border-collapse:collapse}td{padding:2px 18px 2px 0}td+td{text-align:right}</style></head>
            <body><h1>\(escaped(recipe.job.name))</h1>
            <table>\(rows)</table>
            \(sections.map { "<section>\($0)</section>" }.joined(separator: "\n"))
            </body></html>

            """
    }

    private func points(_ value: (StepMetrics) -> Double) -> [(x: Double, y: Double)] {
        steps.map { (Double($0.step), value($0)) }
    }

    private var rows: String {
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        let tokens = steps.reduce(0) { $0 + $1.tokens }
        var rows = [
            ("parameters", "\(recipe.model.totalParameters)"),
            (
                "ranks",
                "\(recipe.parallelism.pipelineParallelDegree) pipeline × \(recipe.parallelism.expertParallelDegree) experts"
            ),
            ("steps", "\(steps.count)"), ("tokens", "\(tokens)"),
            ("tokens a second", "\(seconds > 0 ? Int(Double(tokens) / seconds) : 0)"),
        ]
        if let last = steps.last { rows.append(("loss", "\(rounded(last.loss))")) }
        if let loss = steps.last(where: { $0.validationLoss != nil })?.validationLoss {
            rows.append(("held-out loss", "\(rounded(loss))"))
        }
        return rows.map { "<tr><td>\($0.0)</td><td>\(escaped($0.1))</td></tr>" }.joined()
    }

    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
