import PipelineRuntime
import LibTorch
import MoEModels

/// What training goes on from, in names and shapes that do not depend on the layout: routed experts stand one by one.
extension RankParameters {
    /// Adds what this rank answers for to a file.
    func addState(to file: inout SafetensorsFile) throws {
        for bucket in buckets where owns(bucket) {
            for (name, tensor) in try state(of: bucket) { try file.add(name, tensor) }
        }
        for parameter in untrained where owns(copies: parameter.copies, areExperts: false) {
            try file.add("values." + parameter.name, parameter.tensor)
        }
    }

    /// Takes over what any layout's ranks have saved.
    func loadState(from reader: SafetensorsReader) throws {
        for bucket in buckets {
            for (name, tensor) in try state(of: bucket) {
                try tensor.set(to: reader.tensor(name, shape: tensor.shape))
            }
            try bucket.round()
        }
        for parameter in untrained {
            try parameter.tensor.set(to: reader.tensor("values." + parameter.name, shape: parameter.tensor.shape))
        }
    }

    /// The parts of a bucket that make up its state.
    private func state(of bucket: ParameterBucket) throws -> [(name: String, tensor: Tensor)] {
        let parts = [("values.", bucket.masters), ("first moments.", bucket.firstMoments)]
        return try (parts + [("second moments.", bucket.secondMoments)]).flatMap { prefix, flat in
            try slices(of: bucket, flat).map { (prefix + $0.name, $0.tensor) }
        }
    }

    /// Views of a bucket's flat tensor: one a parameter, and one an expert of those that have experts.
    private func slices(of bucket: ParameterBucket, _ flat: Tensor) throws -> [(name: String, tensor: Tensor)] {
        let views = try bucket.views(of: flat)
        guard bucket.key.areExperts else { return views }
        return try views.flatMap { view in
            let local = view.tensor.shape[0]
            return try (0..<local).map { index in
                let expert = try view.tensor.narrowed(0, index..<index + 1)
                    .reshaped(Array(view.tensor.shape.dropFirst()))
                return ("\(view.name).\(set.share.index * local + index)", expert)
            }
        }
    }
}
