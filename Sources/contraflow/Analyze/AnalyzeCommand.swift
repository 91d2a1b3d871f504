import ArgumentParser
import Foundation
import ProfilerTraces
import Timelines

/// Shows how much communication is hidden, what is exposed and where devices idle.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Show hidden and exposed communication, and where devices idle.",
        discussion: """
            Reads traces of the PyTorch profiler, one per rank (JSON, optionally compressed by gzip or zstd), and \
            exports of Nsight Systems (`nsys export --type sqlite`). The folder of a training run, or the timeline in \
            it, shows the run's last step: exchanges by purpose and pipeline bubbles by phase.

            Examples:
              contraflow analyze runs/shakespeare
              contraflow analyze trace.json.gz
              contraflow analyze traces/ --format html -o report.html
              contraflow analyze traces/ --format perfetto -o all-ranks.json
              contraflow analyze trace.json.gz --from 12.5 --to 40
              contraflow analyze new/ --against old/
              contraflow analyze traces/ --communication my_all_to_all
              contraflow analyze trace.json.gz --compatible hta
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv, html, perfetto }

    enum Tool: String, ExpressibleByArgument, CaseIterable { case hta }

    @Argument(help: "Traces (one per rank), folders, a run's folder, or - for standard input.")
    var paths: [String] = []

    @Option(
        name: .customLong("format"),
        help: "Output format, table or by the extension of the file if omitted; perfetto writes all ranks as one trace."
    )
    var givenFormat: Format?

    private var format: Format { output.format(givenFormat) ?? .table }

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Maximum number of rows of each list in the table.", valueName: "n"))
    var top = 10

    @OptionGroup var window: WindowOptions

    @Option(help: ArgumentHelp("Compare with the trace or folder of another run.", valueName: "path"))
    var against: [String] = []

    @OptionGroup var rules: KernelRuleOptions

    @Option(help: ArgumentHelp("Print the figures of HolisticTraceAnalysis 0.6 instead.", valueName: "tool"))
    var compatible: Tool?

    @Flag(help: "With --compatible hta: include the last profiler step.")
    var includeLastStep = false

    @OptionGroup var unpacking: UnpackOptions

    func validate() throws {
        if paths.isEmpty && !rules.explainRules {
            throw ValidationError("no trace is given: name a trace, a folder of traces or a run's folder")
        }
        if top < 0 { throw ValidationError("--top is \(top): give 0 or more") }
        let isPicture = format == .perfetto || format == .html
        if compatible != nil {
            if !against.isEmpty || window.window != nil || !rules.isEmpty {
                throw ValidationError(
                    "--compatible cannot be combined with --against, --from, --to, --communication, --rules or "
                        + "--explain-rules")
            }
            if isPicture {
                throw ValidationError("--compatible does not support --format \(format): use table, json or csv")
            }
        } else if includeLastStep {
            throw ValidationError("--include-last-step needs --compatible hta")
        }
        if !against.isEmpty && isPicture {
            throw ValidationError("--against does not support --format \(format): use table, json or csv")
        }
    }

    func run() throws {
        if compatible != nil { return try output.write(compatibleReport()) }
        let rules = try rules.kernelRules()
        let files = try TraceFiles(paths)
        try files.checkRuns()
        let traces = try files.read(rules: rules, limits: unpacking.limits)
        if self.rules.explainRules { return try output.write(RulesReport(rules: rules, traces: traces).text) }
        let run = RunAnalysis(traces, window: window.window)
        try requireWork(of: run, traces)
        for expression in self.rules.withoutEffect(rules, on: traces) {
            note("the rule '\(expression)' classifies no kernel of these traces")
        }
        // The other formats contain the notes.
        if format == .perfetto || format == .csv || !against.isEmpty { run.noteLines.forEach(note) }
        if format == .perfetto { return try output.write(run.markedTimeline(traces).chromeTraceJSON()) }
        if !against.isEmpty { return try output.write(comparison(run, rules: rules)) }
        let step = window.window == nil ? files.stepLength : nil
        let pipeline = run.pipeline.map { PipelineReport(pipeline: $0, step: step) }
        let report = AnalysisReport(run: run, traces: traces, top: top, pipeline: pipeline)
        switch format {
        case .json: try output.write(report.json())
        case .csv: try output.write(report.csv)
        case .html:
            try checkPage(of: traces)
            try output.write(HTMLReport(report: report).html)
        default: try output.write(report.table)
        }
    }

    /// The largest number of rows of a page's timelines. Browsers take seconds to draw more.
    private static let rowLimit = 1 << 14

    /// Throws an error if a page would have too many rows.
    private func checkPage(of traces: [RankTrace]) throws {
        let rows = traces.reduce(0) { $0 + 1 + $1.timeline.lanes.count }
        guard rows <= Self.rowLimit else {
            throw CommandError(
                "a page of \(rows) rows, one per rank and stream, is too large: give fewer traces for at most "
                    + "\(Self.rowLimit) rows, or --format json")
        }
    }

    /// Throws an error if no rank did any work, or none in the window.
    private func requireWork(of run: RunAnalysis, _ traces: [RankTrace]) throws {
        guard run.ranks.allSatisfy({ $0.window == nil }) else { return }
        if let longest = traces.compactMap(\.timeline.extent?.count).max() {
            throw CommandError(
                "no kernel ran between --from and --to: the longest trace lasts \(milliseconds(Int64(longest))) ms")
        }
        guard let first = traces.first else {
            throw CommandError(
                "\(paths.joined(separator: ", ")): no device was profiled: no kernel, copy or fill of a device was recorded"
            )
        }
        let what = traces.count == 1 ? first.file.path : "\(first.file.path) and \(traces.count - 1) more"
        if traces.contains(where: \.file.isTruncated) {
            throw CommandError("\(what): truncated before the first kernel, copy or fill of a device")
        }
        let events = counted(traces.reduce(0) { $0 + $1.file.eventCount }, "event")
        let dropped = traces.reduce(0) { $0 + $1.file.droppedEvents }
        throw CommandError(
            "\(what): no device was profiled: none of \(events) is a kernel, copy or fill of a device"
                + (dropped > 0 ? " with valid times" : "")
                + "; profile with ProfilerActivity.CUDA, or with the activity of your device")
    }

    private func comparison(_ run: RunAnalysis, rules: KernelRules) throws -> String {
        let files = try TraceFiles(against)
        try files.checkRuns()
        let traces = try files.read(rules: rules, limits: unpacking.limits)
        let other = RunAnalysis(traces, window: window.window)
        try requireWork(of: other, traces)
        other.noteLines.forEach { note("--against: " + $0) }
        let report = ComparisonReport(comparison: RunComparison(run, against: other), top: top)
        return format == .json ? report.json() : format == .csv ? report.csv : report.table
    }

    private func compatibleReport() throws -> String {
        let analysis = try HolisticAnalysis(
            paths: TraceFiles(paths).paths, includesLastStep: includeLastStep, limits: unpacking.limits)
        for trace in analysis.unions {
            note("rank \(trace.rank): HolisticTraceAnalysis takes the work of \(trace.devices) devices as one")
        }
        if analysis.ranks.allSatisfy({ $0.kernel == 0 }) { note("no trace has device kernels") }
        let report = CompatibleReport(analysis: analysis)
        return format == .json ? report.json() : format == .csv ? report.csv : report.table
    }
}
