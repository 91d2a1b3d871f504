/// A model that can be cut into pipeline stages, each a graph of segments.
///
/// Whoever conforms trains under every schedule and layout: the runtime needs no more of a model than its parameters
/// and its segments.
public protocol PipelineModel {
    /// How many tensors each micro-batch brings, such as tokens and labels.
    var dataCount: Int { get }
    /// The most stages that the model can be cut into.
    var maximumStageCount: Int { get }
    /// The shape of what one stage hands the next, for `samples` samples of a micro-batch on one rank.
    func boundaryShape(samples: Int) -> [Int]
    /// The parameters of stage `stage` of `stageCount`, in a fixed order.
    func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification]
    /// What the stages report, all of them, and how many numbers each report has.
    var observations: [(name: String, count: Int)] { get }
    /// The segments of stage `stage` of `stageCount`, working on `parameters`.
    func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph
    /// Changes parameters that have no gradient after a step, from what all stages of all ranks reported in it.
    func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws
    /// The tensors in which files of weights keep a parameter or, of a stacked one, the routed expert `expert`. Those
    /// that are no copies follow each other along the first dimension and leave nothing out.
    func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor]
    /// What tells other programs which model the weights are of: the JSON of `config.json` beside them; nil for none.
    var storedConfiguration: String? { get }
}

extension PipelineModel {
    /// Changes nothing.
    public func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws {}

    /// The parameter as it is, under its own name; `layers.3.experts.up` of expert 5 is `layers.3.experts.5.up`.
    public func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        var parts = specification.name.split(separator: ".").map(String.init)
        if let expert { parts.insert(String(expert), at: max(parts.count - 1, 0)) }
        return [StoredTensor(parts.joined(separator: "."), rows: 0..<(specification.shape.first ?? 1))]
    }

    /// None.
    public var storedConfiguration: String? { nil }
}
