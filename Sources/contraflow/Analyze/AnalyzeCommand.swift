import ArgumentParser
import Foundation
import ProfilerTraces
import Timelines

/// Says how much communication is hidden, what is exposed and where devices idle.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Show what communication is hidden, what is exposed and where devices idle.",
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

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, html, perfetto
    }

    enum Tool: String, ExpressibleByArgument, CaseIterable {
        case hta
    }

    @Argument(help: "Traces, one a rank, or folders of them, or a training run's folder; - for standard input.")
    var paths: [String] = []

    @Option(help: "table, json, csv, html or perfetto (all ranks as one trace).")
    var format: Format = .table

    @Option(help: ArgumentHelp("Count kernels that match as communication.", valueName: "regex"))
    var communication: [String] = []

    @Option(
        help: ArgumentHelp(
            "Lines of a class (compute, communication, memory or wait) and a regular expression.", valueName: "file"))
    var rules: String?

    @Flag(help: "Print the rules by which kernels are classified, and what each kernel of the traces is.")
    var explainRules = false

    @Option(help: ArgumentHelp("Leave out what is earlier, in ms from each rank's first kernel.", valueName: "ms"))
    var from: Double?

    @Option(help: ArgumentHelp("Leave out what is later, in ms from each rank's first kernel.", valueName: "ms"))
    var to: Double?

    @Option(help: ArgumentHelp("Rows of each list in the table.", valueName: "n"))
    var top = 10

    @Option(help: ArgumentHelp("Compare with another run's trace or folder.", valueName: "path"))
    var against: [String] = []

    @Option(help: "hta: the figures that HolisticTraceAnalysis 0.6 gives, by its rules.")
    var compatible: Tool?

    @Flag(help: "With --compatible hta: keep the last profiler step, which it drops.")
    var includeLastStep = false

    @Option(help: ArgumentHelp("The most GB that a packed trace may unpack to.", valueName: "GB"))
    var unpackLimit: Double = 64

    @Option(help: ArgumentHelp("How many times its size a packed trace may unpack to.", valueName: "n"))
    var unpackRatio: Int64 = 400

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if paths.isEmpty && !explainRules { throw ValidationError("name a trace or a folder of traces") }
        if let from, !(0...1e9).contains(from) { throw ValidationError("--from is \(from): give 0 to 1e9 ms") }
        if let to, !(0...1e9).contains(to) { throw ValidationError("--to is \(to): give 0 to 1e9 ms") }
        if let from, let to, from >= to { throw ValidationError("--from \(from) is not before --to \(to)") }
        if top < 0 { throw ValidationError("--top is \(top): give 0 or more") }
        if !(0.001...1e6).contains(unpackLimit) {
            throw ValidationError("--unpack-limit is \(unpackLimit): give 0.001 to 1e6 GB")
        }
        for expression in communication {
            var rules = KernelRules()
            do {
                try rules.addCommunication(matching: expression)
            } catch {
                throw ValidationError("--communication: \(error)")
            }
        }
        if unpackRatio < 1 { throw ValidationError("--unpack-ratio is \(unpackRatio): give 1 or more") }
        if compatible != nil {
            if !against.isEmpty || from != nil || to != nil || !communication.isEmpty || rules != nil || explainRules {
                throw ValidationError("--compatible knows none of the options that change what is analysed")
            }
            if format == .perfetto || format == .html {
                throw ValidationError("--compatible gives a table, json or csv")
            }
        } else if includeLastStep {
            throw ValidationError("--include-last-step needs --compatible hta")
        }
        if !against.isEmpty && (format == .perfetto || format == .html) {
            throw ValidationError("--against gives a table, json or csv")
        }
    }

    func run() throws {
        if compatible != nil { return try runCompatible() }
        let rules = try kernelRules()
        if paths.isEmpty { return try output.write(RulesReport(rules, traces: []).text) }
        let files = try TraceFiles(paths)
        let traces = try files.read(rules: rules, limits: limits)
        if explainRules { return try output.write(RulesReport(rules, traces: traces).text) }
        let run = RunAnalysis(traces, window: window)
        if window != nil, run.ranks.allSatisfy({ $0.window == nil }),
            let longest = traces.compactMap(\.timeline.extent?.count).max()
        {
            throw CommandError(
                "nothing ran between --from and --to: the traces last \(milliseconds(Int64(longest))) ms")
        }
        if format == .perfetto { return try output.write(run.markedTimeline(traces).chromeTraceJSON()) }
        if !against.isEmpty {
            let other = RunAnalysis(try TraceFiles(against).read(rules: rules, limits: limits), window: window)
            let report = ComparisonReport(RunComparison(run, against: other), top: top)
            return try output.write(format == .json ? report.json : format == .csv ? report.csv : report.table)
        }
        let report = AnalysisReport(run, traces: traces, top: top, step: window == nil ? files.step : nil)
        switch format {
        case .json: try output.write(report.json)
        case .csv: try output.write(report.csv)
        case .html: try output.write(HTMLReport(report).html)
        default: try output.write(report.table)
        }
    }

    private var limits: TraceReadLimits {
        TraceReadLimits(unpackedBytes: Int64(unpackLimit * 1e9), unpackedRatio: unpackRatio)
    }

    private var window: Range<Int64>? {
        guard from != nil || to != nil else { return nil }
        return Int64((from ?? 0) * 1e6)..<(to.map { Int64($0 * 1e6) } ?? Int64(1) << 60)
    }

    private func kernelRules() throws -> KernelRules {
        var result = KernelRules()
        if let rules {
            do {
                try result.add(file: String(decoding: try readFile(rules), as: UTF8.self))
            } catch let error as KernelRuleError {
                throw CommandError("\(rules): \(error)")
            }
        }
        for expression in communication.reversed() { try result.addCommunication(matching: expression) }
        return result
    }

    private func runCompatible() throws {
        let files = try TraceFiles(paths)
        let analysis = try HolisticAnalysis(paths: files.paths, includesLastStep: includeLastStep, limits: limits)
        if analysis.ranks.allSatisfy({ $0.kernel == 0 }) { note("no trace has work of a device") }
        let report = CompatibleReport(analysis)
        try output.write(format == .json ? report.json : format == .csv ? report.csv : report.table)
    }
}
