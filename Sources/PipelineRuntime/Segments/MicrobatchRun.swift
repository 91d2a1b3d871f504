import DistributedRuntime
package import LibTorch
package import MoEModels

/// The forward and backward of one micro-batch through one stage, run one segment at a time.
///
/// In the forward, each compute segment works on detached inputs, so that each segment has an autograd graph of its
/// own. The backward runs the segments in reverse order, with autograd inside a compute segment and the reverse
/// exchange for an exchange. The gradients of a value that several segments read are added in that reverse order. The
/// tensors that a segment keeps are freed when its backward has run.
package final class MicrobatchRun {
    /// The tensors that a compute segment keeps for its backward.
    private struct Kept {
        /// The leaves that accumulate the gradients of the inputs; nil for inputs without a gradient.
        let leaves: [Tensor?]
        /// The inputs of a segment that the backward runs again; empty for other segments.
        let inputs: [Tensor]
        /// The outputs, without their values, from which the backward starts; nil if it recomputes the outputs.
        let roots: [Tensor?]?
        let context: SegmentContext
    }

    /// An exchange that has started and is not yet waited for.
    private struct PendingExchange {
        let exchange: TokenDispatcher.Pending
        let keys: SegmentKeys.Keys?
    }

    private let graph: SegmentGraph
    private let exchange: TokenDispatcher
    private let batchCounts: [Double]
    private let runsBackward: Bool
    private let isLoss: Set<Int>
    /// The values that exchanges send, and those that they deliver.
    private let sentValues, deliveredValues: Set<Int>
    private var values: [Tensor?]
    /// The counts that exchanges have gathered, by value.
    private var gathered: [Int: GatheredCounts] = [:]
    private var isWanted: [Bool]
    private var pendingExchanges: [PendingExchange?]
    private var kept: [Kept?]
    /// The events after which values that exchanges send are computed, and the same for gradients.
    private var events: [Int: Event] = [:]
    private var gradientEvents: [Int: Event] = [:]
    private var gradients: [Tensor?] = []
    private var pendingGradients: [PendingExchange?] = []
    /// The number of segments that have run forward. The backward counts it down.
    private var position = 0
    /// The weight products that the backward has left for ``stepWeights()``, by segment.
    private var weights: [WeightGradients?]
    /// The number of segments whose weight products have not run: those before this position.
    private var weightPosition: Int
    private let keys: SegmentKeys?

    /// - Parameters:
    ///   - data: The micro-batch's tensors, as many as the graph declares; nil for those that no segment reads.
    ///   - input: The tensor that the previous stage sent; nil for a first stage.
    ///   - runsBackward: Whether a backward follows the forward.
    package init(
        graph: SegmentGraph, data: [Tensor?], input: Tensor?, batchCounts: [Double], exchange: TokenDispatcher,
        runsBackward: Bool, keys: SegmentKeys? = nil
    ) throws {
        precondition(data.count == graph.data.count, "a micro-batch must have \(graph.data.count) tensors")
        precondition((input == nil) == (graph.input == nil), "a first stage has no input, every other stage has one")
        self.graph = graph
        self.exchange = exchange
        self.runsBackward = runsBackward
        isLoss = Set(graph.losses.map(\.index))
        let exchanges = graph.segments.filter { !$0.work.computes }
        sentValues = Set(exchanges.map { $0.inputs[0].index })
        deliveredValues = Set(exchanges.map { $0.outputs[0].index })
        self.keys = keys
        self.batchCounts = batchCounts
        values = Array(repeating: nil, count: graph.valueCount)
        isWanted = Array(repeating: false, count: graph.valueCount)
        pendingExchanges = Array(repeating: nil, count: graph.valueCount)
        kept = Array(repeating: nil, count: graph.segments.count)
        weights = Array(repeating: nil, count: graph.segments.count)
        weightPosition = graph.segments.count
        for (value, tensor) in zip(graph.data, data) { values[value.index] = tensor }
        if let value = graph.input {
            values[value.index] = input
            isWanted[value.index] = runsBackward
        }
    }

    // MARK: Forward

    /// Runs the next segment of the forward.
    package func stepForward() throws {
        let segment = graph.segments[position]
        switch segment.work {
        case .compute(let compute):
            let entries = try segment.inputs.map { value -> (tensor: Tensor, leaf: Tensor?) in
                let tensor = try awaited(value)
                return isWanted[value.index] ? try tensor.input() : (try tensor.leaf(requiresGradient: false), nil)
            }
            let inputs = entries.map(\.tensor)
            let context = SegmentContext(
                weights: try WeightGradients(), batchCounts: batchCounts, gatheredCounts: gatheredCounts(segment),
                recomputed: runsBackward ? RecomputedValues() : nil)
            let outputs = try timed({ $0.forward[position].extent }) {
                try LibTorchRuntime.withGradients(runsBackward) { try compute(inputs, context) }
            }
            precondition(outputs.count == segment.outputs.count, "\(segment.name) made \(outputs.count) values")
            for (value, tensor) in zip(segment.outputs, outputs) {
                isWanted[value.index] = runsBackward && tensor.requiresGradient
                values[value.index] = try tensor.leaf(requiresGradient: false)
            }
            if segment.outputs.contains(where: { sentValues.contains($0.index) }) {
                let event = try Event.record()
                for value in segment.outputs { events[value.index] = event }
            }
            if runsBackward {
                let isRecomputed = segment.isRecomputed
                kept[position] = Kept(
                    leaves: entries.map(\.leaf), inputs: isRecomputed ? inputs : [],
                    roots: isRecomputed ? nil : try outputs.map { $0.requiresGradient ? try $0.root() : nil },
                    context: context)
                try context.recomputed?.free()
            }
        case .exchange(let kind):
            let source = segment.inputs[0]
            let sent = try awaited(source).leaf(requiresGradient: false)
            let event = try events[source.index] ?? .record()
            let direction = TokenDispatcher.Direction(kind)
            let counts = direction == nil ? nil : try counts(segment.inputs[1])
            publish(keys?.forward[position])
            let pending: TokenDispatcher.Pending
            if let direction, let counts {
                pending = try exchange.exchange(sent, direction, counts: counts, after: event)
            } else {
                pending = try exchange.gatherCounts(sent, after: event)
            }
            let output = segment.outputs[0].index
            values[output] = pending.tensor
            gathered[output] = pending.counts
            pendingExchanges[output] = pendingExchange(pending, keys?.forward[position])
            if !exchange.overlaps { try wait(&pendingExchanges[output]) }
            isWanted[output] = isWanted[source.index] && !segment.work.isForwardExchange
        }
        segment.inputs.forEach(freeIfLastRead)
        segment.outputs.forEach(freeIfLastRead)
        position += 1
    }

    /// Frees a value that only autograd needs after the current segment.
    private func freeIfLastRead(_ value: SegmentValue) {
        guard graph.isLastRead(value, at: position), pendingExchanges[value.index] == nil else { return }
        values[value.index] = nil
    }

    /// Returns the tensor for the next stage, which the run no longer keeps; nil for a last stage. All exchanges of the
    /// forward are over when this method returns.
    package func output() throws -> Tensor? {
        for index in pendingExchanges.indices { try wait(&pendingExchanges[index]) }
        guard let output = graph.output else { return nil }
        defer { values[output.index] = nil }
        return try awaited(output).contiguous()
    }

    /// Returns the values that the stage reports. The forward must have run.
    package func observations() throws -> [(name: String, values: Tensor)] {
        try graph.observed.map { ($0.name, try awaited($0.value).leaf(requiresGradient: false)) }
    }

    private func awaited(_ value: SegmentValue) throws -> Tensor {
        try wait(&pendingExchanges[value.index])
        guard let tensor = values[value.index] else {
            preconditionFailure("a segment reads value \(value.index) before a segment makes it")
        }
        return tensor
    }

    /// Returns the counts that an exchange has gathered as `value`.
    private func counts(_ value: SegmentValue) throws -> GatheredCounts {
        try wait(&pendingExchanges[value.index])
        guard let counts = gathered[value.index] else {
            preconditionFailure("value \(value.index) is not the result of an exchange of counts")
        }
        return counts
    }

    /// Returns the counts among the inputs of a segment; nil if there are none.
    private func gatheredCounts(_ segment: Segment) -> GatheredCounts? {
        segment.inputs.lazy.compactMap { [gathered] in gathered[$0.index] }.first
    }

    // MARK: Backward

    /// Starts the backward.
    ///
    /// - Parameter outputGradient: The gradient of the tensor sent to the next stage; nil for a last stage.
    package func startBackward(outputGradient: Tensor?) {
        precondition(runsBackward && position == graph.segments.count, "a backward follows a complete forward")
        gradients = Array(repeating: nil, count: graph.valueCount)
        pendingGradients = Array(repeating: nil, count: graph.valueCount)
        if let output = graph.output { gradients[output.index] = outputGradient }
    }

    /// Runs the backward of the next segment, except for its weight products, which are left for ``stepWeights()``.
    package func stepBackward() throws {
        position -= 1
        let segment = graph.segments[position]
        switch segment.work {
        case .compute: try runBackward(through: segment)
        case .exchange(let kind):
            let (source, output) = (segment.inputs[0], segment.outputs[0])
            if !segment.work.isForwardExchange, let gradient = try awaitedGradient(output) {
                let event = try gradientEvents[output.index] ?? .record()
                let counts = try counts(segment.inputs[1])
                publish(keys?.backward[position])
                let pending = try exchange.exchange(
                    gradient, kind == .dispatch ? .combine : .dispatch, counts: counts, after: event)
                let before = try awaitedGradient(source)
                gradients[source.index] = pending.tensor
                pendingGradients[source.index] = pendingExchange(pending, keys?.backward[position])
                if !exchange.overlaps { try wait(&pendingGradients[source.index]) }
                if let before { gradients[source.index] = try awaitedGradient(source)?.adding(before) }
            }
        }
        for value in segment.outputs {
            values[value.index] = nil
            gathered[value.index] = nil
            events[value.index] = nil
            gradientEvents[value.index] = nil
            gradients[value.index] = nil
        }
    }

    private func runBackward(through segment: Segment) throws {
        guard let kept = kept[position] else { preconditionFailure("\(segment.name) has not run forward") }
        self.kept[position] = nil
        weights[position] = kept.context.weights
        let seeds = try segment.outputs.enumerated().compactMap { index, value -> (output: Int, gradient: Tensor?)? in
            guard isWanted[value.index] else { return nil }
            if let gradient = try awaitedGradient(value) { return (index, gradient) }
            return isLoss.contains(value.index) ? (index, nil) : nil
        }
        guard !seeds.isEmpty else { return }
        try timed({ $0.backward[position].extent }) {
            try kept.context.recomputed?.restore()
            let roots = try kept.roots ?? recomputed(segment, kept)
            try Tensor.backward(seeds.compactMap { roots[$0.output] }, gradients: seeds.map(\.gradient))
        }
        for (value, leaf) in zip(segment.inputs, kept.leaves) {
            guard let gradient = try leaf?.gradient() else { continue }
            let before = try awaitedGradient(value)
            gradients[value.index] = try before?.adding(gradient) ?? gradient
        }
        let delivered = segment.inputs.filter { deliveredValues.contains($0.index) && isWanted[$0.index] }
        guard !delivered.isEmpty else { return }
        let event = try Event.record()
        for value in delivered { gradientEvents[value.index] = event }
    }

    private func recomputed(_ segment: Segment, _ kept: Kept) throws -> [Tensor] {
        guard case .compute(let compute) = segment.work else { return [] }
        let context = SegmentContext(
            weights: kept.context.weights, batchCounts: batchCounts, gatheredCounts: gatheredCounts(segment))
        return try LibTorchRuntime.withGradients(true) { try compute(kept.inputs, context) }
    }

    private func awaitedGradient(_ value: SegmentValue) throws -> Tensor? {
        try wait(&pendingGradients[value.index])
        return gradients[value.index]
    }

    /// Returns the gradient of the stage's input; nil for a first stage. The backward must have run. All exchanges of
    /// the backward are over when this method returns.
    package func inputGradient() throws -> Tensor? {
        for index in pendingGradients.indices { try wait(&pendingGradients[index]) }
        return try graph.input.flatMap { try awaitedGradient($0)?.contiguous() }
    }

    /// Runs the weight products of the next compute segment, which adds them to the gradients of its weights. Segments
    /// come in the order of the backward.
    package func stepWeights() throws {
        repeat { weightPosition -= 1 } while !graph.segments[weightPosition].work.computes
        precondition(weightPosition >= position, "the weight products of a segment follow its backward")
        guard let products = weights[weightPosition], products.pendingProducts > 0 else { return }
        weights[weightPosition] = nil
        try timed({ $0.weights[weightPosition] }) { try products.run() }
    }

    // MARK: Waiting and recording

    private func pendingExchange(
        _ pending: TokenDispatcher.Pending, _ keys: SegmentKeys.Keys?
    ) -> PendingExchange? {
        pending.work == nil ? nil : PendingExchange(exchange: pending, keys: keys)
    }

    /// Waits for an exchange if it is pending.
    private func wait(_ pending: inout PendingExchange?) throws {
        guard let pendingExchange = pending else { return }
        pending = nil
        guard let recorder = keys?.recorder, let keys = pendingExchange.keys, let wait = keys.wait else {
            return try exchange.wait(pendingExchange.exchange)
        }
        try recorder.recording(wait) { try exchange.wait(pendingExchange.exchange) }
        if let extent = pendingExchange.exchange.extent { try recorder.record(keys.extent, extent) }
    }

    /// Shows the start of an exchange on the heartbeat's page.
    private func publish(_ exchange: SegmentKeys.Keys?) {
        if let exchange { keys?.recorder.publish(exchange.extent) }
    }

    private func timed<Result>(
        _ key: (SegmentKeys) -> SpanRecorder.Key, _ body: () throws -> Result
    ) throws -> Result {
        guard let keys else { return try body() }
        return try keys.recorder.recording(key(keys), body)
    }
}

extension TokenDispatcher.Direction {
    /// The direction of an exchange in the forward; nil for the exchange of counts.
    fileprivate init?(_ exchange: Segment.Exchange) {
        switch exchange {
        case .counts: return nil
        case .dispatch: self = .dispatch
        case .combine: self = .combine
        case .fetch: self = .fetch
        }
    }
}
