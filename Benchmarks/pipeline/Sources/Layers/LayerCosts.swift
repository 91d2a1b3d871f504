import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import SchedulePlanning

/// The costs of the layers of an emulated chunk, in nanoseconds per chunk.
struct LayerCosts: Decodable, Hashable {
    /// The number of MoE layers per chunk.
    let layers: Int
    let forward: Int64
    let inputGradient: Int64
    let weightGradient: Int64
    /// The all-to-alls of a forward, dispatch and combine.
    let forwardExchange: Int64
    let backwardExchange: Int64
    /// Whether exchanges run beside computation; otherwise each exchange is waited for at once.
    let isOverlapped: Bool

    /// The shares of a layer's computation: attention with the gate, shared experts, routed experts.
    private static let shares = [0.6, 0.1, 0.3]
    /// The names of the segments that exchange tokens.
    static let exchangeNames: Set = ["dispatch", "combine"]
    /// The share of dispatch in the exchanges.
    private static let dispatchShare = 0.4

    func segments(of kind: ActionKind) -> ActionSegments {
        switch kind {
        case .forward: forwardSegments
        case .backward: backwardSegments(withWeights: true)
        case .inputGradient: backwardSegments(withWeights: false)
        default: ActionSegments(weights: weightSegments)
        }
    }

    var forwardSegments: ActionSegments {
        var segments: [PassSegment] = []
        for _ in 0..<layers {
            let costs = Self.shares.map { part($0, of: forward) }
            let dispatch = segments.count + 1
            segments.append(
                .compute("attention", cost: costs[0], reads: segments.isEmpty ? [] : [segments.count - 1]))
            segments.append(exchange("dispatch", part(Self.dispatchShare, of: forwardExchange)))
            segments.append(.compute("shared experts", cost: costs[1]))
            segments.append(.compute("experts", cost: costs[2], reads: [dispatch]))
            segments.append(exchange("combine", part(1 - Self.dispatchShare, of: forwardExchange)))
        }
        return concluded(segments)
    }

    func backwardSegments(withWeights: Bool) -> ActionSegments {
        var segments: [PassSegment] = []
        for _ in 0..<layers {
            let costs = Self.shares.map { part($0, of: inputGradient) }
            segments.append(
                exchange(
                    "combine", part(1 - Self.dispatchShare, of: backwardExchange)))
            segments.append(.compute("experts", cost: costs[2], reads: [segments.count - 1]))
            segments.append(exchange("dispatch", part(Self.dispatchShare, of: backwardExchange)))
            segments.append(.compute("shared experts", cost: costs[1]))
            segments.append(.compute("attention", cost: costs[0], reads: [segments.count - 2]))
        }
        var concluded = concluded(segments)
        if withWeights { concluded.weights = weightSegments }
        return concluded
    }

    var weightSegments: [WeightSegment] {
        (0..<layers).flatMap { layer in
            [(1, "experts", 2), (3, "shared experts", 1), (4, "attention", 0)].map { position, name, share in
                WeightSegment(name, cost: part(Self.shares[share], of: weightGradient), after: 5 * layer + position)
            }
        }
    }

    private func part(_ share: Double, of chunk: Int64) -> Int64 { Int64(share * Double(chunk) / Double(layers)) }

    private func exchange(_ name: String, _ cost: Int64) -> PassSegment {
        isOverlapped ? .exchange(name, cost: cost) : .compute(name, cost: cost)
    }

    /// Returns the segments with only their reads of exchanges, and the exchange that the result reads, if any.
    private func concluded(_ segments: [PassSegment]) -> ActionSegments {
        let concluded = segments.map { part in
            var part = part
            part.reads.removeAll { segments[$0].resource == .compute }
            return part
        }
        let reads = segments.last?.resource == .channel ? [segments.count - 1] : []
        return ActionSegments(SegmentSequence(concluded, resultReads: reads))
    }
}
