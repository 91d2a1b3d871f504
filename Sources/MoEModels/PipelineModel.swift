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
}

extension PipelineModel {
    /// Changes nothing.
    public func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws {}
}
