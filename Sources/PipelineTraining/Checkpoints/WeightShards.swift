import PipelineRuntime
import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import TrainingRecipes
import TrainingRuns

/// The tensors of a model that each rank writes. The first rank that holds a parameter writes it; each routed expert is
/// a tensor of its own. Every rank knows the shards of all ranks.
///
/// Names and shapes do not depend on the layout.
struct WeightShards {
    /// A tensor to write.
    private struct Part {
        let parameter: String
        /// The index of the expert among the rank's experts; nil if the parameter has no experts.
        let localExpert: Int?
        let stored: StoredTensor
        let byteCount: Int
    }

    /// The tensors of each rank that writes any, in the order of ranks.
    private let shards: [(rank: Int, parts: [Part])]

    /// - Parameter parameters: The parameters of a rank, which know the experts that each rank owns.
    init(model: any PipelineModel, map: StageMap, grid: DeviceMesh, parameters: ParameterSet) {
        var parts = [[Part]](repeating: [], count: grid.worldSize)
        for specification in map.specifications(ofStages: map.chains.flatMap(\.stages)) {
            guard let owner = map.copies(of: specification.name).first else { continue }
            let type = specification.type(inModelOf: model.elementType)
            let rowSize = specification.shape.dropFirst().reduce(type.byteCount, *)
            func add(expert: Int?, localExpert: Int?, share: Int) {
                parts[grid.rank(pipeline: owner, expert: share)] +=
                    model.storedTensors(of: specification, expert: expert).map {
                        Part(
                            parameter: specification.name, localExpert: localExpert, stored: $0,
                            byteCount: $0.rows.count * rowSize)
                    }
            }
            guard specification.expertCount != nil else {
                add(expert: nil, localExpert: nil, share: 0)
                continue
            }
            for share in 0..<grid.experts {
                for (index, expert) in parameters.experts(of: specification, rank: share).enumerated() {
                    add(expert: expert, localExpert: index, share: share)
                }
            }
        }
        shards = parts.enumerated().filter { !$0.element.isEmpty }.map { (rank: $0.offset, parts: $0.element) }
    }

    /// Returns the file of a rank's shard; nil if the rank has none.
    func file(_ parameters: ParameterSet, rank: Int) throws -> (name: String, data: Data)? {
        guard let index = shards.firstIndex(where: { $0.rank == rank }) else { return nil }
        var file = SafetensorsFile()
        for part in shards[index].parts {
            var tensor = try parameters[part.parameter].leaf(requiresGradient: false)
            if let expert = part.localExpert {
                tensor = try tensor.narrowed(0, expert..<expert + 1).reshaped(Array(tensor.shape.dropFirst()))
            }
            if let count = tensor.shape.first, count > part.stored.rows.count {
                tensor = try tensor.narrowed(0, part.stored.rows)
            }
            try file.add(part.stored.name, tensor)
        }
        return (RunFolder.weightsFileName(rank: index, of: shards.count), try file.data())
    }

    /// Returns the name of a rank's file; nil if the rank has none.
    func fileName(rank: Int) -> String? {
        shards.firstIndex { $0.rank == rank }.map { RunFolder.weightsFileName(rank: $0, of: shards.count) }
    }

    /// Returns the index, which names the file of each tensor.
    func index() -> WeightIndex {
        var files: [String: String] = [:]
        var bytes = 0
        for (index, shard) in shards.enumerated() {
            for part in shard.parts {
                files[part.stored.name] = RunFolder.weightsFileName(rank: index, of: shards.count)
                bytes += part.byteCount
            }
        }
        return WeightIndex(files: files, totalSize: bytes)
    }
}
