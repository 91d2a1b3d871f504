/// A stage as segments: what they read and make, in an order in which they can run.
///
/// It is built by naming values:
///
///     var graph = SegmentGraph(dataCount: 1)
///     let hidden = graph.compute("embed", [graph.data[0]]) { inputs, _ in [try table.embedding(of: inputs[0])] }[0]
///     graph.output = hidden
public struct SegmentGraph {
    /// The segments in forward order.
    public private(set) var segments: [Segment] = []
    /// How many values there are.
    public private(set) var valueCount = 0
    /// What comes from the previous stage; nil for a first stage.
    public private(set) var input: SegmentValue?
    /// The tensors of a micro-batch that every stage is given, such as its tokens; they have no gradient.
    public let data: [SegmentValue]
    /// What goes to the next stage; nil for a last stage.
    public var output: SegmentValue?
    /// Scalars whose sum over all stages is what training makes smaller.
    public private(set) var losses: [SegmentValue] = []
    /// Values that are added up over micro-batches and reported by name, such as losses and expert loads.
    public private(set) var observed: [(name: String, value: SegmentValue)] = []

    /// An empty stage that is given `dataCount` tensors of each micro-batch.
    public init(dataCount: Int) {
        data = (0..<dataCount).map(SegmentValue.init)
        valueCount = dataCount
    }

    /// Declares what comes from the previous stage.
    public mutating func takeInput() -> SegmentValue {
        let value = newValue()
        input = value
        return value
    }

    /// Adds a segment that computes `outputCount` values from `inputs`.
    ///
    /// - Parameter isRecomputed: Whether only its inputs are kept for the way back, which runs it anew: less memory, more
    ///   work. It must compute the same again.
    public mutating func compute(
        _ name: String, _ inputs: [SegmentValue], outputCount: Int = 1, isRecomputed: Bool = false,
        _ work: @escaping Segment.Compute
    ) -> [SegmentValue] {
        let outputs = (0..<outputCount).map { _ in newValue() }
        segments.append(
            Segment(name: name, work: .compute(work), isRecomputed: isRecomputed, inputs: inputs, outputs: outputs))
        return outputs
    }

    /// Adds an exchange within the expert-parallel group.
    public mutating func exchange(
        _ name: String, _ exchange: Segment.Exchange, _ inputs: [SegmentValue]
    ) -> SegmentValue {
        let output = newValue()
        segments.append(
            Segment(name: name, work: .exchange(exchange), isRecomputed: false, inputs: inputs, outputs: [output]))
        return output
    }

    /// Makes a scalar a part of what training makes smaller, and reports it as `name`.
    public mutating func addLoss(_ name: String, _ value: SegmentValue) {
        losses.append(value)
        observed.append((name, value))
    }

    /// Reports a value, added up over micro-batches, as `name`.
    public mutating func observe(_ name: String, _ value: SegmentValue) { observed.append((name, value)) }

    private mutating func newValue() -> SegmentValue {
        defer { valueCount += 1 }
        return SegmentValue(index: valueCount)
    }
}
