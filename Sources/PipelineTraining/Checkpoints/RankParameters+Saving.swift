import Foundation
import LibTorch
import MoEModels
package import TrainingRuns

extension RankParameters {
    /// Writes the parameters that this rank answers for, each logical parameter on one rank, routed experts one by one:
    /// names and shapes do not depend on the layout.
    package func save(to folder: RunFolder, rank: Int, worldSize: Int) throws {
        var file = SafetensorsFile()
        for bucket in buckets where isAnsweredFor(bucket) {
            for view in try bucket.views(of: bucket.values) {
                guard bucket.key.areExperts else {
                    try file.add(view.name, view.tensor)
                    continue
                }
                let local = view.tensor.shape[0]
                for index in 0..<local {
                    let expert = try view.tensor.narrowed(0, index..<index + 1)
                        .reshaped(Array(view.tensor.shape.dropFirst()))
                    try file.add(Self.expertName(view.name, set.share.index * local + index), expert)
                }
            }
        }
        for parameter in untrained where isAnsweredFor(holders: parameter.holders, areExperts: false) {
            try file.add(parameter.name, parameter.tensor)
        }
        try FileManager.default.createDirectory(at: folder.weights, withIntermediateDirectories: true)
        try file.write(to: folder.weightsFile(rank: rank, of: worldSize))
    }

    /// `layers.3.experts.up` of expert 5 is `layers.3.experts.5.up`.
    static func expertName(_ name: String, _ expert: Int) -> String {
        var parts = name.split(separator: ".").map(String.init)
        parts.insert(String(expert), at: parts.count - 1)
        return parts.joined(separator: ".")
    }
}
