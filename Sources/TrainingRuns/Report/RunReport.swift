import ContraflowCharts
public import PipelineSchedules
public import Timelines
public import TrainingRecipes

/// The report of a run as one HTML page: figures, losses, and the measured timeline of the last step above the planned
/// one.
public struct RunReport {
    private let recipe: Recipe
    private let steps: [StepMetrics]
    private let chains: [Chain]
    private let measured: Timeline
    private let planned: Timeline?

    /// Creates the report of a run.
    ///
    /// - Parameters:
    ///   - measured: The timeline of the last step.
    ///   - planned: The timeline of the schedule's simulation with the measured costs; nil if there are no costs.
    public init(recipe: Recipe, steps: [StepMetrics], chains: [Chain], measured: Timeline, planned: Timeline?) {
        self.recipe = recipe
        self.steps = steps
        self.chains = chains
        self.measured = measured
        self.planned = planned
    }

    /// Returns the page, which is self-contained.
    public func html() -> String {
        let schedule = recipe.parallelism.pipelineParallelSchedule
        let losses = chart("Loss, nats per token", [("training", { $0.loss }), ("validation", { $0.validationLoss })])
        let efficiency = chart(
            "Expert balance (mean over largest load), bubble and hidden communication",
            [
                ("expert balance", { $0.expertBalance }), ("bubble, share of a step", { $0.bubble }),
                ("hidden, share of communication", { $0.hiddenCommunication }),
            ])
        var exposed = chart(
            "Exposed communication, share of a step",
            ExposureCause.allCases.map { cause in (cause.name, { $0.exposed?[cause.name] }) })
        exposed.curves.removeAll { $0.points.isEmpty }
        let kind = recipe.training.device == .cpu ? "measured" : "submitted to the devices, which run it later"
        var schedules = [
            ScheduleChart(title: "\(schedule): the last step as \(kind)", timeline: measured, chains: chains)
        ]
        if let planned {
            let title = "\(schedule): the same step as planned, with the measured costs"
            schedules.append(ScheduleChart(title: title, timeline: planned, chains: chains))
        }
        let sections =
            [losses.svg()] + schedules.map { $0.svg() } + [efficiency.svg()]
            + (exposed.curves.isEmpty ? [] : [exposed.svg()])
        let body = """
            <h1>\(recipe.job.name.markupEscaped)</h1>
            <table>\(rows.map { HTMLPage.row([$0.name, $0.value], "td") }.joined())</table>
            \(sections.map { "<section>\($0)</section>" }.joined(separator: "\n"))

            """
        return HTMLPage.html(title: recipe.job.name, style: Self.style, body: body)
    }

    private static let style = """
        body{font-family:system-ui,sans-serif;margin:24px;color:#222}section{overflow-x:auto;margin:16px 0}\
        table{border-collapse:collapse}td{padding:2px 18px 2px 0}td+td{text-align:right}
        """

    private func chart(_ title: String, _ curves: [(name: String, value: (StepMetrics) -> Double?)]) -> CurveChart {
        let curves = curves.map { curve in
            CurveChart.Curve(
                name: curve.name,
                points: steps.compactMap { step in curve.value(step).map { (Double(step.step), $0) } })
        }
        return CurveChart(title: title, xName: "step", curves: curves)
    }

    private var rows: [(name: String, value: String)] {
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        let tokens = steps.reduce(0) { $0 + $1.tokens }
        let layout = recipe.parallelism
        var rows = [
            ("parameters", "\(recipe.model.totalParameters)"),
            ("ranks", "\(layout.pipelineParallelDegree) pipeline × \(layout.expertParallelDegree) experts"),
            ("steps", "\(steps.count)"), ("tokens", "\(tokens)"),
            ("tokens per second", "\(seconds > 0 ? Int(Double(tokens) / seconds) : 0)"),
        ]
        if let last = steps.last { rows.append(("loss", rounded(last.loss))) }
        if let loss = steps.last(where: { $0.validationLoss != nil })?.validationLoss {
            rows.append(("validation loss", rounded(loss)))
        }
        return rows
    }

    private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
