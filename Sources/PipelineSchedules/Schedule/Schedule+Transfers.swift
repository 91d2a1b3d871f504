extension Schedule {
    /// Returns the schedule with explicit sends and receives, as in PyTorch's `compute_comms` form.
    ///
    /// Each value is sent right after the compute that produces it. The ranks advance in rounds; in a round, each rank
    /// runs one step if the inputs of the step are there. When a rank sends, the receive is appended to what the peer
    /// has run so far. Both ends of a link therefore have the same order, and receives are as early as that order
    /// allows. PyTorch's lowering follows the same rule, so both give the same result. Idle steps are dropped.
    ///
    /// - Precondition: The schedule is valid and has no transfers yet.
    /// - Complexity: O(actions + rounds · ranks).
    public func addingTransfers() -> Schedule {
        let layout = StageLayout(chains)
        var lowered = Schedule(name: name, chains: chains, rows: Array(repeating: [], count: rankCount))
        var positions = [Int](repeating: 0, count: rankCount)
        // Time counts rounds. A result reaches higher ranks in its own round, and lower ranks in the next.
        var walk = ClockWalk(layout, rankCount: rankCount) { source, target in target < source ? 1 : 0 }
        while let (rank, round) = walk.next() {
            guard let position = rows[rank][positions[rank]...].firstIndex(where: { $0 != .idle }) else { continue }
            let step = rows[rank][position]
            positions[rank] = position
            let arrival = walk.arrival(step)
            guard arrival <= round else {
                walk.wait(rank, until: arrival)
                continue
            }
            positions[rank] += 1
            lowered.rows[rank].append(step)
            walk.occupy(rank, until: round + 1)
            step.forEachAction { action in
                walk.finish(action, at: round)
                lowered.appendTransfer(of: action, layout)
            }
        }
        if InvariantChecks.areEnabled { lowered._checkInvariants() }
        return lowered
    }

    /// Appends the send of an action's result and its receive, if another rank needs the result.
    private mutating func appendTransfer(of action: Action, _ layout: StageLayout) {
        let isForward = action.kind == .forward
        guard isForward || action.kind == .backward || action.kind == .inputGradient else { return }
        let send = action.with(isForward ? .sendForward : .sendBackward)
        guard layout.crossesRanks(send) else { return }
        let receive = layout.counterpart(of: send)
        rows[layout.ranks[action.stage]].append(Step(send))
        rows[layout.ranks[receive.stage]].append(Step(receive))
    }

    /// Returns the schedule without transfers, sharding actions and gradient reductions, as a compute-only CSV holds
    /// it.
    public func removingTransfers() -> Schedule {
        var compute = self
        compute.rows = rows.map { row in row.filter { $0.first?.kind.isCompute ?? true } }
        if InvariantChecks.areEnabled { compute._checkInvariants() }
        return compute
    }
}
