import Foundation
import MoEModels
import PipelineRuntime
import TrainingRecipes
public import TrainingRuns

extension Trainer {
    /// Saves the parameters that this rank owns as the weights of a run. Rank 0 adds the index, the model's
    /// configuration and the tokenizer of the training data. Hugging Face's transformers opens the folder if it knows
    /// the model.
    ///
    /// All ranks must call it. The new weights take the place of the previous ones as a whole.
    ///
    /// - Throws: `RunFileError` or `SavedStateError` on every rank if a rank cannot write.
    public func saveWeights(to run: RunFolder, step: Int) throws {
        try saveWeights(to: run, CheckpointManifest(step: step))
    }

    func saveWeights(to run: RunFolder, _ manifest: CheckpointManifest) throws {
        let weights = WeightsFolder(run)
        let shards = WeightShards(model: model, map: map, grid: grid, parameters: parameters.set)
        _ = try onEveryRank {
            if rank == 0 { try weights.removeLeftovers() }
            return []
        }
        let written = try onEveryRank(count: 2) {
            guard let file = try shards.file(parameters.set, rank: rank) else { return [0, 0] }
            let folder = try weights.unfinished()
            let entry = try folder.writeDurably(file.data, to: file.name)
            return [entry.size, Int(entry.crc32c)]
        }
        _ = try onEveryRank {
            guard rank == 0 else { return [] }
            let folder = try weights.unfinished()
            var manifest = manifest
            manifest.files = written.enumerated().compactMap { rank, numbers in
                shards.fileName(rank: rank).map {
                    CheckpointManifest.File(name: $0, size: numbers[0], crc32c: UInt32(numbers[1]))
                }
            }
            var others = [(WeightIndex.fileName, try shards.index().data())] + (try run.tokenizerFiles())
            if let configuration = model.storedConfiguration {
                others.append((run.weightsConfiguration.lastPathComponent, Data(configuration.utf8)))
            }
            for (name, data) in others { manifest.files.append(try folder.writeDurably(data, to: name)) }
            try weights.commit(manifest)
            return []
        }
    }

    /// Sets the parameters of this rank to the weights of a Hugging Face model. The optimizer starts without moments.
    ///
    /// - Returns: The parameters that keep their initial values, and the tensors that the model does not have, in one
    ///   line each.
    /// - Throws: `SavedStateError` or `RunFileError` if the weights are missing, damaged or of another shape.
    func loadWeights(from folder: String, _ recipe: Recipe) throws -> [String] {
        // Weights that transformers has saved lack the layer of multi-token prediction.
        let prediction = "layers.\(recipe.model.numHiddenLayers)."
        let weights = try ImportedWeights(folder: folder)
        weightsHaveChanged()
        let kept = try weights.load(into: parameters, of: model, map: map) { $0.hasPrefix(prediction) }
        var notes: [String] = []
        if !kept.isEmpty {
            notes.append("\(folder) has no weights of multi-token prediction, which starts from random ones")
        }
        let unused = weights.names(
            except: WeightShards(model: model, map: map, grid: grid, parameters: parameters.set).index().files.keys)
        if let first = unused.first, rank == 0 {
            notes.append("\(folder): the model has no place for \(unused.count) of the tensors, such as '\(first)'")
        }
        return notes
    }
}
