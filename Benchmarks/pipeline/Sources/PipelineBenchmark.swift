import ArgumentParser

/// A measured rank of Contraflow, and the theoretical time of a step.
@main
struct PipelineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [MeasuredRank.self, Theory.self, LayerTheory.self])
}
