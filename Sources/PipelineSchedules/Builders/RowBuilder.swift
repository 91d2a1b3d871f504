/// Writes one rank's row for one or two chains, and counts the micro-batches.
///
/// A forward beyond the last micro-batch adds nothing, nor does a backward of a micro-batch that has not run forward on
/// this rank. If a step has few micro-batches, the phases of a builder therefore shrink instead of failing.
struct RowBuilder {
    /// One of the stages on the rank, with the micro-batches of its chain.
    struct Lane {
        let stage: Int
        let microbatchCount: Int
        fileprivate(set) var forwards = 0
        fileprivate(set) var backwards = 0

        var forwardsLeft: Int { microbatchCount - forwards }
        var canRunForward: Bool { forwardsLeft > 0 }
        var canRunBackward: Bool { backwards < forwards }
    }

    private(set) var steps: [Step] = []
    private(set) var lanes: [Lane]
    /// The deferred weight gradients, first in, first out. A `Deque` makes building ZB1P 6 to 14 % slower.
    private var deferred: [Action] = []
    private var deferredHead = 0

    init(_ lanes: Lane...) {
        self.lanes = lanes
        steps.reserveCapacity(lanes.reduce(0) { $0 + 3 * $1.microbatchCount })
    }

    mutating func forward(_ lane: Int) {
        if let action = takeForward(lane) { steps.append(Step(action)) }
    }

    /// Appends a full backward, or an input gradient whose weight gradient is deferred.
    mutating func backward(_ lane: Int, deferringWeights: Bool = false) {
        guard lanes[lane].canRunBackward else { return }
        if deferringWeights {
            let action = takeBackward(lane, as: .inputGradient)
            steps.append(Step(action))
            deferred.append(action.with(.weightGradient))
        } else {
            steps.append(Step(takeBackward(lane, as: .backward)))
        }
    }

    /// Appends a forward of one lane and a backward of another as one overlapped step. If only one of the two is left,
    /// it runs alone.
    mutating func overlap(forward: Int, backward: Int) {
        guard lanes[backward].canRunBackward, let action = takeForward(forward) else {
            self.forward(forward)
            self.backward(backward)
            return
        }
        steps.append(Step(overlapping: action, with: takeBackward(backward, as: .backward)))
    }

    /// Appends the oldest deferred weight gradient.
    mutating func weight() {
        guard deferredHead < deferred.count else { return }
        steps.append(Step(deferred[deferredHead]))
        deferredHead += 1
    }

    /// The number of deferred weight gradients.
    var deferredCount: Int { deferred.count - deferredHead }

    private mutating func takeForward(_ lane: Int) -> Action? {
        guard lanes[lane].canRunForward else { return nil }
        defer { lanes[lane].forwards += 1 }
        return Action(.forward, stage: lanes[lane].stage, microbatch: lanes[lane].forwards)
    }

    private mutating func takeBackward(_ lane: Int, as kind: ActionKind) -> Action {
        defer { lanes[lane].backwards += 1 }
        return Action(kind, stage: lanes[lane].stage, microbatch: lanes[lane].backwards)
    }
}
