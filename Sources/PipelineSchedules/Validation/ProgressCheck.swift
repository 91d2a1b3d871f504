/// Runs the schedule without times: every rank goes on until it waits, and whoever finishes what it waits for wakes it.
///
/// What cannot be finished that way waits in a circle.
struct ProgressCheck {
    private let schedule: Schedule
    private let layout: StageLayout
    private let writesTransfers: Bool
    private let links: [StageLinks]
    private var done: [ActionBits]
    private var positions: [Int]
    /// The cell that each rank waits for, or -1.
    private var awaitedCells: [Int]
    private var runnable: [Int]

    init(schedule: Schedule, layout: StageLayout) {
        self.schedule = schedule
        self.layout = layout
        writesTransfers = schedule.hasTransfers
        links = StageLinks.all(layout)
        done = Array(repeating: [], count: layout.cellCount)
        positions = Array(repeating: 0, count: schedule.rankCount)
        awaitedCells = Array(repeating: -1, count: schedule.rankCount)
        runnable = (0..<schedule.rankCount).reversed()
    }

    mutating func run() throws(ScheduleFault) {
        while let rank = runnable.popLast() {
            if !writesTransfers { advanceThroughCompute(rank) }
            advance(rank)
        }
        if let stuck = positions.indices.first(where: { positions[$0] < schedule.rows[$0].count }) {
            throw ScheduleFault(.circularWait(circle(from: stuck)))
        }
    }

    /// Runs steps of compute alone until one waits or is something else; the tables are read without checks, as the census
    /// has made sure that every action names a cell.
    private mutating func advanceThroughCompute(_ rank: Int) {
        let row = schedule.rows[rank]
        var position = positions[rank]
        row.withUnsafeBufferPointer { row in
            links.withUnsafeBufferPointer { links in
                done.withUnsafeMutableBufferPointer { done in
                    awaitedCells.withUnsafeMutableBufferPointer { awaited in
                        let table = ComputeProgress(done: done, links: links, awaitedCells: awaited)
                        while position < row.count {
                            let step = row[position]
                            let one = Action(bits: step.firstBits)
                            guard step.firstBits != 0, one.kind.isCompute, table.isReady(one) else { break }
                            if step.isOverlapped {
                                let two = Action(bits: step.secondBits)
                                guard table.isReady(two) else { break }
                                table.finish(two, waking: &runnable)
                            }
                            table.finish(one, waking: &runnable)
                            position += 1
                        }
                    }
                }
            }
        }
        positions[rank] = position
    }

    private mutating func advance(_ rank: Int) {
        let row = schedule.rows[rank]
        var position = positions[rank]
        while position < row.count {
            let step = row[position]
            if let first = step.first {
                if let need = need(of: first) ?? step.second.flatMap(need) {
                    awaitedCells[rank] = need.cell
                    break
                }
                finish(first)
                if let second = step.second { finish(second) }
            }
            position += 1
        }
        positions[rank] = position
    }

    private mutating func finish(_ action: Action) {
        guard action.kind.hasMicrobatch else { return }
        let cell = layout.cell(action)
        done[cell].formUnion(ActionBits(action.kind))
        let consumer =
            switch action.kind {
            case .forward, .sendForward: layout.next[action.stage]
            case .backward, .inputGradient, .sendBackward: layout.previous[action.stage]
            default: -1
            }
        guard consumer >= 0 else { return }
        let rank = layout.ranks[consumer]
        if awaitedCells[rank] == cell {
            awaitedCells[rank] = -1
            runnable.append(rank)
        }
    }

    /// What `action` still waits for: the cell, and the kind that would do.
    private func need(of action: Action) -> (cell: Int, action: Action)? {
        let source: Int
        let wanted: ActionBits
        let kind: ActionKind
        switch action.kind {
        case .forward, .receiveForward:
            source = layout.previous[action.stage]
            kind = action.kind == .forward ? .forward : .sendForward
            wanted = ActionBits(kind)
        case .backward, .inputGradient, .receiveBackward:
            source = layout.next[action.stage]
            kind = action.kind == .receiveBackward ? .sendBackward : .backward
            wanted = kind == .backward ? .inputReady : ActionBits(kind)
        default:
            return nil
        }
        guard source >= 0 else { return nil }
        if writesTransfers, action.kind.isCompute, layout.ranks[source] != layout.ranks[action.stage] {
            return nil  // The receive before it has waited.
        }
        let cell = layout.cellOffsets[source] + action.microbatch
        guard done[cell].isDisjoint(with: wanted) else { return nil }
        return (cell, Action(kind, stage: source, microbatch: action.microbatch))
    }

    /// The ranks that wait for one another, beginning where the walk from `start` first comes round.
    private func circle(from start: Int) -> [ScheduleFault.Wait] {
        var waits: [ScheduleFault.Wait] = []
        var rank = start
        while !waits.contains(where: { $0.rank == rank }) {
            let position = positions[rank]
            let step = schedule.rows[rank][position]
            guard let first = step.first, let need = need(of: first) ?? step.second.flatMap(need) else { break }
            let awaitedRank = layout.ranks[need.action.stage]
            waits.append(
                ScheduleFault.Wait(
                    rank: rank, position: position, step: step, awaited: need.action, awaitedRank: awaitedRank))
            rank = awaitedRank
        }
        return Array(waits.drop { $0.rank != rank })
    }
}
