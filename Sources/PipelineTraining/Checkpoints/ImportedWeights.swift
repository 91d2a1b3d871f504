import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import TrainingRuns

/// The weights of a Hugging Face model, which training starts from.
struct ImportedWeights {
    private let reader: SafetensorsReader

    /// Opens the files of a folder.
    ///
    /// - Throws: `SavedStateError` or `RunFileError` if there are none, or one is damaged.
    init(folder: String) throws { reader = try SafetensorsReader(ModelFolder.files(folder)) }

    /// Returns the names of the tensors that are not among `names`, sorted.
    func names(except names: some Collection<String>) -> [String] { Set(reader.names).subtracting(names).sorted() }

    /// Returns whether the files have the first tensor of a parameter.
    func has(_ specification: ParameterSpecification, of model: some PipelineModel) -> Bool {
        let expert = specification.expertCount.map { _ in 0 }
        return model.storedTensors(of: specification, expert: expert).contains { !$0.isCopy && reader.has($0.name) }
    }

    /// Sets the parameters of a rank. Parameters of the layers `optional` keep their initial values if the files do not
    /// have them.
    ///
    /// - Parameter map: The stages that declare the parameters.
    /// - Returns: The names of the parameters that kept their initial values.
    /// - Throws: `SavedStateError` if a tensor is missing or has another shape.
    func load(
        into parameters: RankParameters, of model: some PipelineModel, map: StageMap, isOptional: (String) -> Bool
    ) throws -> [String] {
        let specifications = Dictionary(
            map.specifications(ofStages: map.chains.flatMap(\.stages)).map { ($0.name, $0) },
            uniquingKeysWith: { a, _ in a })
        var kept: [String] = []
        func value(_ name: String, set: (Tensor) throws -> Void) throws {
            guard let specification = specifications[name] else { return }
            if isOptional(name), !has(specification, of: model) { return kept.append(name) }
            try set(reader.parameter(specification, of: model, experts: parameters.set.experts(of: specification)))
        }
        for bucket in parameters.buckets {
            for view in try bucket.views(of: bucket.masters) { try value(view.name) { try view.tensor.set(to: $0) } }
            try bucket.round()
        }
        for parameter in parameters.untrained { try value(parameter.name) { try parameter.tensor.set(to: $0) } }
        return kept
    }
}
