import PipelineSchedules

/// The positions of all forwards and input gradients in their ranks' rows, in tables that stay allocated.
struct StepPositions {
    private let layout: StageLayout
    /// The position of each cell's forward, and of its input gradient, in the row of its rank.
    private var forwards: [Int]
    private var backwards: [Int]

    init(_ layout: StageLayout) {
        self.layout = layout
        forwards = Array(repeating: 0, count: layout.cellCount)
        backwards = forwards
    }

    /// The positions in a schedule. O(actions).
    init(_ schedule: Schedule) {
        self.init(StageLayout(schedule.chains))
        find(in: schedule.rows)
    }

    /// Finds the positions of all actions of `rows`. O(actions).
    mutating func find(in rows: [[Step]]) {
        for row in rows {
            for (position, step) in row.enumerated() {
                for bits in [step.firstBits, step.secondBits] where bits != 0 {
                    let action = Action(bits: bits)
                    switch action.kind {
                    case .forward: forwards[layout.cell(action)] = position
                    case .backward, .inputGradient: backwards[layout.cell(action)] = position
                    default: break
                    }
                }
            }
        }
    }

    /// Returns the step whose result an action waits for; nil if the action needs none.
    func source(of action: Action) -> (rank: Int, position: Int)? {
        let isForward = action.kind == .forward
        guard isForward || action.kind == .backward || action.kind == .inputGradient else { return nil }
        let stage = isForward ? layout.previous[action.stage] : layout.next[action.stage]
        guard stage >= 0 else { return nil }
        return (layout.ranks[stage], (isForward ? forwards : backwards)[layout.cellOffsets[stage] + action.microbatch])
    }
}
