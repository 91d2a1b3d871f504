import PipelineRuntime
import LibTorch
import MoEModels

/// The state of training, in names and shapes that do not depend on the layout: each routed expert is a tensor of its
/// own.
extension RankParameters {
    /// Adds the state of the parameters that this rank owns to a file.
    func addState(to file: inout SafetensorsFile) throws {
        for bucket in buckets where owns(bucket) {
            for (name, tensor) in try state(of: bucket) { try file.add(name, tensor) }
        }
        for parameter in untrained where owns(copies: parameter.copies, areExperts: false) {
            try file.add("values." + parameter.name, parameter.tensor)
        }
    }

    /// Loads the state of this rank's parameters. The ranks that saved it may have had another layout.
    ///
    /// - Throws: `SavedStateError` if a tensor is missing or has another shape.
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

    /// Returns views of a bucket's state: the values and both moments of each parameter.
    private func state(of bucket: ParameterBucket) throws -> [(name: String, tensor: Tensor)] {
        let parts = [("values.", bucket.masters), ("first moments.", bucket.firstMoments)]
        return try (parts + [("second moments.", bucket.secondMoments)]).flatMap { prefix, flat in
            try slices(of: bucket, flat).map { (prefix + $0.name, $0.tensor) }
        }
    }

    /// Returns views of a bucket's flat tensor: one per parameter or, for routed experts, one per expert of a
    /// parameter.
    private func slices(of bucket: ParameterBucket, _ flat: Tensor) throws -> [(name: String, tensor: Tensor)] {
        let views = try bucket.views(of: flat)
        guard bucket.key.areExperts else { return views }
        return try views.flatMap { view in
            let local = view.tensor.shape[0]
            return try (0..<local).map { index in
                let expert = try view.tensor.narrowed(0, index..<index + 1)
                    .reshaped(Array(view.tensor.shape.dropFirst()))
                return ("\(view.name).\(ownedExperts(of: view.name)[index])", expert)
            }
        }
    }
}
