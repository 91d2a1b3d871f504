import PipelineSchedules

/// Where each forward and each input gradient stands, in tables that stay allocated.
struct StepPositions {
    private let layout: StageLayout
    /// The position of each cell's forward, and of its input gradient, in its rank's row.
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

    /// Looks where everything of `rows` stands. O(actions).
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

    /// The step whose result an action waits for; nil where it needs nothing.
    func source(of action: Action) -> (rank: Int, position: Int)? {
        let isForward = action.kind == .forward
        guard isForward || action.kind == .backward || action.kind == .inputGradient else { return nil }
        let stage = isForward ? layout.previous[action.stage] : layout.next[action.stage]
        guard stage >= 0 else { return nil }
        return (layout.ranks[stage], (isForward ? forwards : backwards)[layout.cellOffsets[stage] + action.microbatch])
    }
}
