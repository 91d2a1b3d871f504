extension Schedule {
    /// The schedule with its sends and receives written out, as PyTorch's `compute_comms` form has them.
    ///
    /// Each value is sent right after the compute that makes it. A receive is written at both ends' common time: the
    /// ranks are advanced in turn, one step each where possible, and whenever one sends, the peer's receive is appended
    /// to what the peer has run so far. Both ends of a link therefore agree on one order, and receives stand as early as
    /// that allows. This is the rule of PyTorch's lowering, so that the result is the same for a schedule that both
    /// know. Idle places are dropped.
    ///
    /// - Precondition: The schedule is valid and has no transfers yet.
    /// - Complexity: O(actions · waiting), where waiting is how long ranks stand still.
    public func addingTransfers() -> Schedule {
        let layout = StageLayout(chains)
        var lowered = Schedule(name: name, chains: chains, rows: Array(repeating: [], count: rankCount))
        var arrived = [ActionBits](repeating: [], count: layout.cellCount)
        var positions = [Int](repeating: 0, count: rankCount)

        func isReady(_ action: Action) -> Bool {
            switch action.kind {
            case .forward:
                layout.previous[action.stage] < 0 || arrived[layout.cell(action)].contains(.forward)
            case .backward, .inputGradient:
                layout.next[action.stage] < 0 || !arrived[layout.cell(action)].isDisjoint(with: .inputReady)
            default:
                true
            }
        }
        func finish(_ action: Action) {
            let target: Int
            switch action.kind {
            case .forward: target = layout.next[action.stage]
            case .backward, .inputGradient: target = layout.previous[action.stage]
            default: return
            }
            guard target >= 0 else { return }
            arrived[layout.cellOffsets[target] + action.microbatch].formUnion(ActionBits(action.kind))
            let rank = layout.ranks[action.stage]
            let peer = layout.ranks[target]
            guard peer != rank else { return }
            let isForward = action.kind == .forward
            lowered.rows[rank].append(Step(action.with(isForward ? .sendForward : .sendBackward)))
            lowered.rows[peer].append(
                Step(
                    Action(
                        isForward ? .receiveForward : .receiveBackward, stage: target, microbatch: action.microbatch)))
        }

        var moved = true
        while moved {
            moved = false
            for rank in rows.indices {
                while positions[rank] < rows[rank].count, rows[rank][positions[rank]] == .idle { positions[rank] += 1 }
                guard positions[rank] < rows[rank].count else { continue }
                let step = rows[rank][positions[rank]]
                var ready = true
                step.forEachAction { ready = ready && isReady($0) }
                guard ready else { continue }
                lowered.rows[rank].append(step)
                step.forEachAction(finish)
                positions[rank] += 1
                moved = true
            }
        }
        return lowered
    }

    /// The schedule without its transfers and its sharding actions: what a compute-only CSV holds.
    public func removingTransfers() -> Schedule {
        var compute = self
        compute.rows = rows.map { row in row.filter { $0.first?.kind.isCompute ?? true } }
        return compute
    }
}
