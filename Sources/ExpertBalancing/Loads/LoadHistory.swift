/// The loads of consecutive steps of a run, with those of single micro-batches for some steps.
public struct LoadHistory: Hashable, Sendable {
    /// The loads of one step.
    public struct Step: Hashable, Sendable {
        /// The number of the step. A run that goes back repeats numbers.
        public let number: Int
        /// The loads of the step, summed over micro-batches and ranks.
        public let loads: ExpertLoads
        /// The loads of each micro-batch, summed over ranks. A step without recorded micro-batches counts as one.
        public let microBatches: [ExpertLoads]
        /// The loads of each micro-batch by the rank that the tokens come from: `micro-batches × source ranks`. Empty if
        /// source ranks were not recorded.
        public let sourceRanks: [[ExpertLoads]]
    }

    /// The steps in order of time: at least one, all of one shape.
    public let steps: [Step]

    /// Creates a history in which each window of a stream is a step, numbered from 1.
    public init(_ stream: LoadStream) {
        steps = stream.windows.enumerated().map { index, loads in
            Step(number: index + 1, loads: loads, microBatches: [loads], sourceRanks: [])
        }
    }

    /// Divides the windows of a history file among its steps.
    ///
    /// - Throws: ``FileFormatError`` if the layout has other windows than the stream, ``ExpertLoadsError`` if a sum
    ///   exceeds ``ExpertLoads/limit``.
    init(_ stream: LoadStream, layout: LoadHistoryLayout) throws {
        var steps: [Step] = []
        var window = 0
        var divided = layout.divided[...]
        for number in layout.numbers.joined() {
            var microBatches = 1
            var ranks = 1
            if let next = divided.first, next.window == window {
                (microBatches, ranks) = (next.microBatches, next.sourceRanks)
                divided.removeFirst()
            }
            guard microBatches <= stream.windows.count, ranks <= stream.windows.count,
                microBatches * ranks <= stream.windows.count - window
            else { throw Self.disagreement(stream) }
            let parts = (0..<microBatches).map { part in
                Array(stream.windows[window + part * ranks..<window + (part + 1) * ranks])
            }
            let sums = try parts.map { try LoadStream($0).total() }
            steps.append(
                Step(
                    number: number, loads: try LoadStream(sums).total(), microBatches: sums,
                    sourceRanks: ranks > 1 ? parts : []))
            window += microBatches * ranks
        }
        guard window == stream.windows.count, divided.isEmpty else { throw Self.disagreement(stream) }
        self.steps = steps
    }

    private static func disagreement(_ stream: LoadStream) -> FileFormatError {
        FileFormatError(
            "'steps' and 'micro_batches' do not divide the \(stream.windows.count.counted("window")) of 'logical_count': "
                + "write the file again")
    }

    /// The number of layers.
    public var layerCount: Int { steps[0].loads.layerCount }
    /// The number of experts per layer.
    public var expertCount: Int { steps[0].loads.expertCount }
}
