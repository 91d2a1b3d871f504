package import MoEModels
package import PipelineSchedules

/// The mapping of a schedule's stages to stages of the model, and of parameters to the ranks that hold them.
///
/// A chain is a whole copy of the model: the k-th of a chain's n stages is stage k of a model cut into n stages.
package struct StageMap {
    /// The schedule's chains.
    package let chains: [Chain]
    /// The names of the parameters of each pipeline rank.
    private let namesOfRank: [Set<String>]
    private let specificationsOfStage: [[ParameterSpecification]]
    /// The stages of the model that have a parameter, by its name.
    private let stagesOfName: [String: [Int]]

    /// Creates the map of `model` under `schedule`.
    package init(model: some PipelineModel, schedule: Schedule) {
        chains = schedule.chains
        let specifications = schedule.chains.flatMap { chain in
            (0..<chain.stages.count).map { model.parameters(ofStage: $0, of: chain.stages.count) }
        }
        specificationsOfStage = specifications
        stagesOfName = schedule.chains[0].stages.enumerated().reduce(into: [:]) { stages, entry in
            for name in Set(specifications[entry.element].map(\.name)) {
                stages[name, default: []].append(entry.offset)
            }
        }
        namesOfRank = (0..<schedule.rankCount).map { rank in
            Set(schedule.stages(ofRank: rank).flatMap { specifications[$0].map(\.name) })
        }
    }

    /// Returns the stage of the model that `stage` is a copy of, the number of stages that the model is cut into, and
    /// the index of the chain.
    package func modelStage(of stage: Int) -> (index: Int, count: Int, chain: Int) {
        for (index, chain) in chains.enumerated() where chain.stages.contains(stage) {
            return (stage - chain.stages.lowerBound, chain.stages.count, index)
        }
        preconditionFailure("no chain has stage \(stage)")
    }

    /// Returns the pipeline ranks that hold a parameter, in ascending order.
    package func copies(of name: String) -> [Int] { namesOfRank.indices.filter { namesOfRank[$0].contains(name) } }

    /// Returns the stages of the model that have a parameter, in ascending order.
    package func modelStages(of name: String) -> [Int] { stagesOfName[name] ?? [] }

    /// Returns the parameters of the given stages, each once, in the order in which the stages name them.
    package func specifications(ofStages stages: [Int]) -> [ParameterSpecification] {
        var seen: Set<String> = []
        return stages.flatMap { specificationsOfStage[$0] }.filter { seen.insert($0.name).inserted }
    }

    /// All sets of pipeline ranks that hold some parameter together, in the same order on every rank.
    package var copySets: [[Int]] {
        let names = namesOfRank.reduce(into: Set<String>()) { $0.formUnion($1) }
        return Set(names.map(copies)).sorted { $0.lexicographicallyPrecedes($1) }
    }
}
