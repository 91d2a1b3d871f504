public import LibTorch

/// A model that can be cut into pipeline stages, each a graph of segments.
///
/// A conforming model trains under every schedule and layout. The runtime needs only the parameters and the segments of
/// a model.
public protocol PipelineModel {
    /// The type of parameters, activations and the tensors that stages send. Gradients are float32 in a bfloat16 model.
    var elementType: ElementType { get }
    /// The number of tensors in each micro-batch, such as tokens and labels.
    var dataCount: Int { get }
    /// The maximum number of stages that the model can be cut into.
    var maximumStageCount: Int { get }
    /// The shape of the tensor that a stage sends to the next one, for `samples` samples of a micro-batch on one rank.
    func boundaryShape(samples: Int) -> [Int]
    /// The parameters of stage `stage` of `stageCount`, in a fixed order.
    func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification]
    /// The observations of all stages: the name and the number of elements of each.
    var observations: [(name: String, count: Int)] { get }
    /// The segments of stage `stage` of `stageCount`, which read `parameters`.
    func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph
    /// Updates parameters that have no gradient after a step.
    ///
    /// - Parameter observations: The observations of the step by name, summed over all stages and ranks.
    func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws
    /// The tensors that store a parameter in a weight file. For a parameter stacked over routed experts, those of
    /// expert `expert`. The tensors that are not copies cover the rows of the first dimension in order, without gaps.
    func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor]
    /// The JSON text of `config.json`, which describes the model of a weight file to other programs; nil for no such
    /// file.
    var storedConfiguration: String? { get }
}

extension PipelineModel {
    /// The number of layers of routed experts.
    package var expertLayerCount: Int {
        let layers = parameters(ofStage: 0, of: 1).filter { $0.expertCount != nil }.map(\.expertLayer)
        return (layers.max() ?? -1) + 1
    }

    /// float32.
    public var elementType: ElementType { .float32 }

    /// Does nothing.
    public func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws {}

    /// One tensor with the parameter's own name. `layers.3.experts.up` of expert 5 is `layers.3.experts.5.up`.
    public func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        var parts = specification.name.split(separator: ".").map(String.init)
        if let expert { parts.insert(String(expert), at: max(parts.count - 1, 0)) }
        return [StoredTensor(parts.joined(separator: "."), rows: 0..<(specification.shape.first ?? 1))]
    }

    /// nil: no configuration file.
    public var storedConfiguration: String? { nil }
}
