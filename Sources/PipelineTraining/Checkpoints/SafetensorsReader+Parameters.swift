import LibTorch
import MoEModels

extension SafetensorsReader {
    /// Returns a parameter of a model, which the files store under the names of Hugging Face's transformers. The routed
    /// experts are stacked along the first dimension.
    ///
    /// - Parameter experts: The experts of a parameter of routed experts.
    /// - Throws: `SavedStateError` if a tensor is missing or has another shape.
    func parameter(
        _ specification: ParameterSpecification, of model: some PipelineModel, experts: [Int]
    ) throws -> Tensor {
        guard specification.expertCount != nil else { return try whole(specification, of: model, expert: nil) }
        return try .concatenated(
            try experts.map {
                try whole(specification, of: model, expert: $0).reshaped([1] + specification.shape)
            }, along: 0)
    }

    private func whole(
        _ specification: ParameterSpecification, of model: some PipelineModel, expert: Int?
    ) throws -> Tensor {
        let parts = model.storedTensors(of: specification, expert: expert).filter { !$0.isCopy }
        guard parts.count > 1 else {
            return try tensor(parts.first?.name ?? specification.name, shape: specification.shape)
        }
        return try .concatenated(
            try parts.map { try tensor($0.name, shape: [$0.rows.count] + specification.shape.dropFirst()) }, along: 0)
    }
}
