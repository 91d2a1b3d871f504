import ArgumentParser

/// A measured rank of Contraflow, pairs of a forward and a backward, and the theoretical time of a step.
@main
struct PipelineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [
        MeasuredRank.self, PairBenchmark.self, Theory.self, LayerTheory.self,
    ])
}
