import PipelineSchedules
import PipelineTraining
import SchedulePlanning

/// What the layers of an emulated chunk take, in nanoseconds a chunk.
struct LayerCosts: Decodable, Hashable {
    /// How many MoE layers a chunk has.
    let layers: Int
    let forward: Int64
    let inputGradient: Int64
    let weightGradient: Int64
    /// The all-to-all of a forward, dispatch and combine.
    let forwardExchange: Int64
    let backwardExchange: Int64
    /// Whether exchanges run beside computation; otherwise each is waited for at once.
    let isWoven: Bool

    /// How a layer's computation is shared out: attention with the gate, shared experts, routed experts.
    private static let shares = [0.6, 0.1, 0.3]
    /// The part of the exchanges that is dispatch.
    private static let dispatchShare = 0.4

    func parts(of kind: ActionKind) -> ActionParts {
        switch kind {
        case .forward: forwardParts
        case .backward: backwardParts(withWeights: true)
        case .inputGradient: backwardParts(withWeights: false)
        default: ActionParts(weights: weightParts)
        }
    }

    var forwardParts: ActionParts {
        var parts: [WeavePart] = []
        for _ in 0..<layers {
            let costs = Self.shares.map { part($0, of: forward) }
            let dispatch = parts.count + 1
            parts.append(.compute("attention F", cost: costs[0], reads: parts.isEmpty ? [] : [parts.count - 1]))
            parts.append(exchange("dispatch F", part(Self.dispatchShare, of: forwardExchange)))
            parts.append(.compute("shared experts F", cost: costs[1]))
            parts.append(.compute("experts F", cost: costs[2], reads: [dispatch]))
            parts.append(exchange("combine F", part(1 - Self.dispatchShare, of: forwardExchange)))
        }
        return concluded(parts)
    }

    func backwardParts(withWeights: Bool) -> ActionParts {
        var parts: [WeavePart] = []
        for _ in 0..<layers {
            let costs = Self.shares.map { part($0, of: inputGradient) }
            parts.append(
                exchange(
                    "combine B", part(1 - Self.dispatchShare, of: backwardExchange)))
            parts.append(.compute("experts B", cost: costs[2], reads: [parts.count - 1]))
            parts.append(exchange("dispatch B", part(Self.dispatchShare, of: backwardExchange)))
            parts.append(.compute("shared experts B", cost: costs[1]))
            parts.append(.compute("attention B", cost: costs[0], reads: [parts.count - 2]))
        }
        var concluded = concluded(parts)
        if withWeights { concluded.weights = weightParts }
        return concluded
    }

    var weightParts: [WeightPart] {
        (0..<layers).flatMap { layer in
            [(1, "experts W", 2), (3, "shared experts W", 1), (4, "attention W", 0)].map { position, name, share in
                WeightPart(name, cost: part(Self.shares[share], of: weightGradient), after: 5 * layer + position)
            }
        }
    }

    private func part(_ share: Double, of chunk: Int64) -> Int64 { Int64(share * Double(chunk) / Double(layers)) }

    private func exchange(_ name: String, _ cost: Int64) -> WeavePart {
        isWoven ? .exchange(name, cost: cost) : .compute(name, cost: cost)
    }

    /// The parts with only those reads that are exchanges, and what the result reads.
    private func concluded(_ parts: [WeavePart]) -> ActionParts {
        let concluded = parts.map { part in
            var part = part
            part.reads.removeAll { parts[$0].resource == .compute }
            return part
        }
        let reads = parts.last?.resource == .channel ? [parts.count - 1] : []
        return ActionParts(WeaveSequence(concluded, resultReads: reads))
    }
}
