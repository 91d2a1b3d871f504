import Foundation
import PipelineSchedules
import SchedulePlanning
import TrainingRecipes
import TrainingRuns

#if HAS_LIBTORCH
import DistributedRuntime
#endif

extension Options {
    /// The readers of recipes, costs, schedules, descriptions of models and tokens, and metrics.
    func trainingReaders() throws -> [Reader] {
        var readers = [
            try Reader("recipe", in: self) { bytes in
                var recipe = Recipe()
                try recipe.merge(toml: String(decoding: bytes, as: UTF8.self), source: "recipe.toml")
                var copy = Recipe()
                try copy.merge(toml: recipe.toml(), source: "printed")
                require(copy == recipe, "a printed recipe is the same recipe")
                try Self.check(recipe)
            },
            try Reader("model", in: self) { bytes in
                var recipe = Recipe()
                try recipe.merge(huggingFace: Data(bytes), source: "config.json")
                try Self.check(recipe)
            },
            try Reader("costs", in: self) { bytes in
                var table = CostTable()
                try table.read(toml: String(decoding: bytes, as: UTF8.self))
                let costs = try table.costs()
                require(costs.stages.allSatisfy { $0.forward >= 0 && $0.backward >= 0 }, "no cost is negative")
                _ = try table.toml()
            },
            try Reader("schedule", in: self) { bytes in
                let schedule = try Schedule(csv: bytes, chainCount: 1 + bytes.count % 2)
                _ = try? PyTorchIncompatibility.ofFile(csv: bytes)
                let report = try schedule.validate()
                require(report.peakActivations.count == schedule.rankCount, "each rank has a peak of activations")
                require(
                    try Schedule(csv: Array(schedule.csv().utf8)).rows == schedule.rows, "a CSV is the same schedule")
                _ = schedule.rendezvousDeadlock()
                _ = schedule.isValidAsTwoChains
            },
            try Reader("chains", in: self) { _ = ChainSidecar.chains(in: Data($0)) },
            try Reader("tokens", in: self) { bytes in
                let description = try TokenDescription(Data(bytes))
                require(description.endToken < description.vocabSize, "the end token is in the vocabulary")
            },
            try Reader("metrics", in: self) { _ = StepMetrics.lines(in: Data($0)) },
        ]
        #if HAS_LIBTORCH
        readers.append(
            try Reader("hosts", in: self) { bytes in
                let hosts = SlurmHostList(String(decoding: bytes, as: UTF8.self))
                require(hosts?.first.isEmpty != true, "a host has a name")
            })
        #endif
        return readers
    }

    /// Checks a recipe as a run does, with its schedule if that is small.
    private static func check(_ recipe: Recipe) throws {
        try recipe.checkModel()
        let layout = recipe.parallelism
        let sizes = [layout.pipelineParallelDegree, layout.numMicrobatches, layout.numVirtualStagesPerPipelineRank]
        guard sizes.allSatisfy({ $0 <= 8 }) else { return }
        let schedule = try recipe.preflight { _ in Array("0F0,0B0\n".utf8) }
        _ = recipe.memory(schedule)
    }
}
