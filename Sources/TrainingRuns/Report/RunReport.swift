import ContraflowCharts
public import PipelineSchedules
public import Timelines
public import TrainingRecipes

/// The result of a run as one page: headline figures, the measured timeline of its last step above the planned one,
/// curves and settings.
public struct RunReport {
    private let recipe: Recipe
    private let steps: [StepMetrics]
    private let chains: [Chain]
    private let measured: Timeline
    private let planned: Timeline?
    private let memory: [RankMemory]

    /// Creates the report of a run.
    ///
    /// - Parameters:
    ///   - measured: The timeline of all ranks in the last step.
    ///   - planned: The simulation of the schedule at the measured costs, one rank per rank of the pipeline; nil if the
    ///     costs are unknown.
    ///   - memory: The estimated memory of each rank of the pipeline; empty if it is unknown.
    public init(
        recipe: Recipe, steps: [StepMetrics], chains: [Chain], measured: Timeline, planned: Timeline?,
        memory: [RankMemory] = []
    ) {
        self.recipe = recipe
        self.steps = steps
        self.chains = chains
        self.measured = measured
        self.planned = planned
        self.memory = memory
    }

    /// Returns the page, one HTML file without references to others.
    public func html() -> String {
        let name = recipe.job.name
        return Page(
            title: "\(name) – Contraflow training run", heading: name, subtitle: subtitle,
            blocks: [.figures(headline), .heading("The last step")] + SchedulePage.blocks(of: schedules) + [
                .heading("All steps"), .curves(curves), .heading("Run"),
                .table(header: ["", ""], rows: facts.map { [$0.name, $0.value] }, style: .facts),
            ]
        ).html()
    }

    private var subtitle: String {
        let layout = recipe.parallelism
        let ranks = recipe.grid.worldSize
        return "\(layout.pipelineParallelSchedule) on \(ranks) \(ranks == 1 ? "rank" : "ranks"), "
            + "\(steps.count) \(steps.count == 1 ? "step" : "steps")"
    }

    /// The figures that a reader looks for first; those of time are of the last step.
    private var headline: [(name: String, value: String)] {
        guard let last = steps.last else { return [] }
        var figures = [("step", "\((last.seconds * 1000).decimals(1)) ms")]
        if let bubble = last.bubble { figures.append(("bubble", percent(bubble))) }
        if let largest = memory.map(\.total).max() {
            figures.append(("memory per rank, about", Recipe.memoryText(largest)))
        }
        if let hidden = last.hiddenCommunication { figures.append(("hidden communication", percent(hidden))) }
        figures.append(("loss", last.loss.decimals(3)))
        if let loss = steps.last(where: { $0.validationLoss != nil })?.validationLoss {
            figures.append(("validation loss", loss.decimals(3)))
        }
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        return figures + [("tokens per second", "\(seconds > 0 ? Int(Double(tokens) / seconds) : 0)")]
    }

    private var tokens: Int { steps.reduce(0) { $0 + $1.tokens } }

    private func percent(_ share: Double) -> String { "\((share * 100).decimals(1)) %" }

    /// The measured and the planned timeline, with the same rows.
    private var schedules: [ScheduleChart] {
        let measured = ScheduleChart(title: "Measured", timeline: measured, chains: chains)
        guard let planned else { return [measured] }
        return [
            measured,
            ScheduleChart(
                title: "Planned, at the measured costs", timeline: repeated(planned), chains: chains),
        ]
    }

    /// The planned timeline with a row for each rank that was measured: the ranks of an expert-parallel group and the
    /// replicas share the plan of their rank of the pipeline.
    private func repeated(_ planned: Timeline) -> Timeline {
        let layout = recipe.parallelism
        let ranks = Set(measured.lanes.map(\.rank)).sorted()
        let lanesOfRank = Dictionary(grouping: planned.lanes.indices) { planned.lanes[$0].rank }
        let spansOfLane = Dictionary(grouping: planned.spans) { Int($0.lane) }
        var result = Timeline()
        for rank in ranks {
            let position = rank / layout.expertParallelDegree % max(layout.pipelineParallelDegree, 1)
            for lane in lanesOfRank[position] ?? [] {
                for span in spansOfLane[lane] ?? [] {
                    result.append(
                        start: span.start, duration: span.duration,
                        lane: TimelineLane(rank: rank, name: planned.lanes[lane].name), event: planned.event(of: span))
                }
            }
        }
        return result.spans.isEmpty ? planned : result
    }

    private var curves: [CurveChart] {
        let exposed = chart(
            "Exposed communication, % of a step",
            ExposureCause.allCases.map { cause in (cause.name, { $0.exposed?[cause.name].map { 100 * $0 } }) })
        let efficiency = chart(
            "Bubble and hidden communication, %",
            [
                ("bubble, of a step", { $0.bubble.map { 100 * $0 } }),
                ("hidden, of communication", { $0.hiddenCommunication.map { 100 * $0 } }),
            ])
        return [
            chart("Loss, nats per token", [("training", { $0.loss }), ("validation", { $0.validationLoss })]),
            chart("Learning rate", [("learning rate", { $0.lr })]),
            chart("Gradient norm before clipping", [("gradient norm", { $0.gradientNorm })]),
            efficiency,
            chart(
                "Balance, mean over largest load",
                [("experts", { $0.expertBalance }), ("devices", { $0.deviceBalance })]),
            exposed,
        ].filter { !$0.curves.isEmpty }
    }

    private func chart(_ title: String, _ curves: [(name: String, value: (StepMetrics) -> Double?)]) -> CurveChart {
        let curves = curves.map { curve in
            CurveChart.Curve(
                name: curve.name,
                points: steps.compactMap { step in curve.value(step).map { (Double(step.step), $0) } })
        }.filter { !$0.points.isEmpty }
        return CurveChart(title: title, xName: "step", curves: curves)
    }

    private var facts: [(name: String, value: String)] {
        let layout = recipe.parallelism
        return [
            ("parameters", "\(recipe.model.totalParameters)"),
            ("ranks", "\(layout.pipelineParallelDegree) pipeline × \(layout.expertParallelDegree) experts"),
            ("steps", "\(steps.count)"), ("tokens", "\(tokens)"),
        ]
    }
}
