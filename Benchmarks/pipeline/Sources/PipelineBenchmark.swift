import ArgumentParser

/// One of our ranks that steps are measured on, and what a step takes in theory.
@main
struct PipelineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [MeasuredRank.self, Theory.self, LayerTheory.self])
}
