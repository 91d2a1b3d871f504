/// The segments of a stage in an order in which they can run, with the values that they read and produce.
///
/// A graph is built segment by segment:
///
///     var graph = SegmentGraph(dataCount: 1)
///     let hidden = graph.compute("embed", [graph.data[0]]) { inputs, _ in [try table.embedding(of: inputs[0])] }[0]
///     graph.output = hidden
public struct SegmentGraph {
    /// The segments in forward order.
    public private(set) var segments: [Segment] = []
    /// The number of values.
    public private(set) var valueCount = 0
    /// The value received from the previous stage; nil for the first stage.
    public private(set) var input: SegmentValue?
    /// The tensors of a micro-batch, such as its tokens. They have no gradient.
    public let data: [SegmentValue]
    /// The value sent to the next stage; nil for the last stage.
    public var output: SegmentValue? {
        didSet { if let output { isHeld[output.index] = true } }
    }
    /// The scalars that training minimizes: the loss is their sum over all stages.
    public private(set) var losses: [SegmentValue] = []
    /// Values that are summed over micro-batches and reported by name, such as losses and expert loads.
    public private(set) var observed: [(name: String, value: SegmentValue)] = []
    /// The position of the last segment that reads each value, of the segment that makes it if none reads it, or -1.
    private var lastReaders: [Int]
    /// Whether each value is read after the forward: the output, observed values, and gathered counts, which exchanges
    /// read in the backward as well.
    private var isHeld: [Bool]

    /// Creates an empty graph of a stage that receives `dataCount` tensors per micro-batch.
    public init(dataCount: Int) {
        data = (0..<dataCount).map(SegmentValue.init)
        valueCount = dataCount
        lastReaders = Array(repeating: -1, count: dataCount)
        isHeld = Array(repeating: false, count: dataCount)
    }

    /// Declares the value received from the previous stage and returns it.
    public mutating func takeInput() -> SegmentValue {
        let value = newValue()
        input = value
        return value
    }

    /// Adds one segment that computes `outputCount` values from `inputs`, and returns those values.
    ///
    /// - Parameter isRecomputed: Whether only the inputs of the segment are kept for the backward pass, which runs the
    ///   segment again. This takes less memory and more computation. `work` must be deterministic.
    public mutating func compute(
        _ name: String, _ inputs: [SegmentValue], outputCount: Int = 1, isRecomputed: Bool = false,
        _ work: @escaping Segment.Compute
    ) -> [SegmentValue] {
        let outputs = (0..<outputCount).map { _ in newValue() }
        append(Segment(name: name, work: .compute(work), isRecomputed: isRecomputed, inputs: inputs, outputs: outputs))
        return outputs
    }

    /// Adds an exchange within the expert-parallel group and returns its result.
    public mutating func exchange(
        _ name: String, _ exchange: Segment.Exchange, _ inputs: [SegmentValue]
    ) -> SegmentValue {
        let output = newValue()
        append(Segment(name: name, work: .exchange(exchange), isRecomputed: false, inputs: inputs, outputs: [output]))
        if exchange != .counts { isHeld[inputs[1].index] = true }
        return output
    }

    /// Adds a scalar to the loss that training minimizes, and reports the scalar as `name`.
    public mutating func addLoss(_ name: String, _ value: SegmentValue) {
        losses.append(value)
        observe(name, value)
    }

    /// Reports a value, summed over micro-batches, as `name`.
    public mutating func observe(_ name: String, _ value: SegmentValue) {
        observed.append((name, value))
        isHeld[value.index] = true
    }

    /// Returns whether nothing but autograd needs a value after the segment at `position` has run forward.
    package func isLastRead(_ value: SegmentValue, at position: Int) -> Bool {
        lastReaders[value.index] == position && !isHeld[value.index]
    }

    private mutating func append(_ segment: Segment) {
        for value in segment.inputs + segment.outputs { lastReaders[value.index] = segments.count }
        segments.append(segment)
    }

    private mutating func newValue() -> SegmentValue {
        defer { valueCount += 1 }
        lastReaders.append(-1)
        isHeld.append(false)
        return SegmentValue(index: valueCount)
    }
}
