import PipelineSchedules

extension Synthesizer {
    /// Sets the activation limit to the stricter of two limits; nil for no limit.
    ///
    /// - Parameters:
    ///   - microbatches: The maximum number of activations per rank, in micro-batches of a rank's share.
    ///   - bytes: The memory of a device, in bytes.
    public mutating func limitActivations(microbatches: Double?, bytes: Int64?) {
        activationLimit = microbatches.map { Int(($0 / placement.stageShare).rounded(.down)) }
        if let bytes { activationLimit = min(activationLimit ?? .max, activationsFitting(bytes)) }
    }

    /// Returns the number of one stage's activations that fit into memory beside the parameters, on the rank with the
    /// least room.
    private func activationsFitting(_ bytes: Int64) -> Int {
        let layout = StageLayout(placement.chains(ranks: ranks, microbatches: microbatches))
        let rooms = layout.stagesOfRank(rankCount: ranks).map { stages in
            let held = stages.compactMap { costs.memory(ofStage: $0) }
            let parameters = held.reduce(0) { $0 + $1.parameters }
            let largest = held.map { max($0.activation, $0.weightGradient) }.max() ?? 0
            return largest == 0 ? Int.max : Int(max(bytes - parameters, 0) / largest)
        }
        return rooms.min() ?? 0
    }
}
