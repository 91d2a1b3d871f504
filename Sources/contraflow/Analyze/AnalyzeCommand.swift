import ArgumentParser
import Foundation
import ProfilerTraces
import Timelines

/// Says how much communication is hidden, what is exposed and where devices idle.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Show what communication is hidden, what is exposed and where devices idle.",
        discussion: """
            Reads PyTorch-profiler traces, one a rank: JSON, bare or under gzip or zstd; files or folders of them; and
            what `nsys export --type sqlite` writes. A training run's folder, or the timeline in it, gives the run's last
            step: its exchanges by what they are for, and its pipeline's bubbles by phase.

            Examples:
              contraflow analyze trace.json.gz
              contraflow analyze runs/shakespeare
              contraflow analyze traces/ --format json -o analysis.json
              contraflow analyze trace.json --from 12.5 --to 40
              contraflow analyze traces/ --communication 'my_all_to_all'
              contraflow analyze new/ --against old/
              contraflow analyze traces/ --format html -o report.html
              contraflow analyze traces/ --format perfetto -o all-ranks.json
              contraflow analyze trace.json.gz --compatible hta
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv, html, perfetto }

    enum Tool: String, ExpressibleByArgument, CaseIterable { case hta }

    @Argument(help: "Traces, one a rank, or folders of them, or a training run's folder; - for standard input.")
    var paths: [String] = []

    @Option(help: "table, json, csv, html or perfetto (all ranks as one trace).")
    var format: Format = .table

    @OptionGroup var rules: KernelRuleOptions
    @OptionGroup var window: WindowOptions

    @Option(help: ArgumentHelp("Rows of each list in the table.", valueName: "n"))
    var top = 10

    @Option(help: ArgumentHelp("Compare with another run's trace or folder.", valueName: "path"))
    var against: [String] = []

    @Option(help: "hta: the figures that HolisticTraceAnalysis 0.6 gives, by its rules.")
    var compatible: Tool?

    @Flag(help: "With --compatible hta: keep the last profiler step, which it drops.")
    var includeLastStep = false

    @OptionGroup var unpacking: UnpackOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if paths.isEmpty && !rules.explainRules { throw ValidationError("name a trace or a folder of traces") }
        if top < 0 { throw ValidationError("--top is \(top): give 0 or more") }
        let isForPeople = format == .perfetto || format == .html
        if compatible != nil {
            if !against.isEmpty || window.window != nil || !rules.isEmpty {
                throw ValidationError("--compatible knows none of the options that change what is analysed")
            }
            if isForPeople { throw ValidationError("--compatible gives a table, json or csv") }
        } else if includeLastStep {
            throw ValidationError("--include-last-step needs --compatible hta")
        }
        if !against.isEmpty && isForPeople { throw ValidationError("--against gives a table, json or csv") }
    }

    func run() throws {
        if compatible != nil { return try output.write(compatibleReport()) }
        let rules = try rules.kernelRules()
        let files = try TraceFiles(paths)
        let traces = try files.read(rules: rules, limits: unpacking.limits, remark: note)
        if self.rules.explainRules { return try output.write(RulesReport(rules: rules, traces: traces).text) }
        let run = RunAnalysis(traces, window: window.window)
        try requireWork(of: run, traces)
        if format == .perfetto { return try output.write(run.markedTimeline(traces).chromeTraceJSON()) }
        if !against.isEmpty { return try output.write(comparison(run, rules: rules)) }
        let step = window.window == nil ? files.stepLength : nil
        let pipeline = run.pipeline.map { PipelineReport(pipeline: $0, step: step) }
        let report = AnalysisReport(run: run, traces: traces, top: top, pipeline: pipeline)
        switch format {
        case .json: try output.write(report.json())
        case .csv: try output.write(report.csv)
        case .html: try output.write(HTMLReport(report: report).html)
        default: try output.write(report.table)
        }
    }

    /// Refuses a window in which no rank did anything.
    private func requireWork(of run: RunAnalysis, _ traces: [RankTrace]) throws {
        guard window.window != nil, run.ranks.allSatisfy({ $0.window == nil }),
            let longest = traces.compactMap(\.timeline.extent?.count).max()
        else { return }
        throw CommandError("nothing ran between --from and --to: the traces last \(milliseconds(Int64(longest))) ms")
    }

    private func comparison(_ run: RunAnalysis, rules: KernelRules) throws -> String {
        let traces = try TraceFiles(against).read(rules: rules, limits: unpacking.limits, remark: note)
        let other = RunAnalysis(traces, window: window.window)
        let report = ComparisonReport(comparison: RunComparison(run, against: other), top: top)
        return format == .json ? try report.json() : format == .csv ? report.csv : report.table
    }

    private func compatibleReport() throws -> String {
        let analysis = try HolisticAnalysis(
            paths: TraceFiles(paths).paths, includesLastStep: includeLastStep, limits: unpacking.limits)
        if analysis.ranks.allSatisfy({ $0.kernel == 0 }) { note("no trace has work of a device") }
        let report = CompatibleReport(analysis: analysis)
        return format == .json ? try report.json() : format == .csv ? report.csv : report.table
    }
}
