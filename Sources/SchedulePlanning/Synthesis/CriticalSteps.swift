import PipelineSchedules

/// The steps that bound the makespan of an order under search, in tables that stay allocated.
struct CriticalSteps {
    private let layout: StageLayout
    /// The position of each cell's forward, and of its backward, in its rank's row.
    private var forwardPositions: [Int]
    private var backwardPositions: [Int]
    /// The steps, last to first.
    private(set) var steps: [(rank: Int, position: Int)] = []

    init(_ layout: StageLayout) {
        self.layout = layout
        forwardPositions = Array(repeating: 0, count: layout.cellCount)
        backwardPositions = forwardPositions
    }

    /// Follows the causes from the last end to the first start. O(actions).
    ///
    /// - Parameter ends: When each rank ends.
    mutating func find(_ rows: [[Step]], loop: SimulationLoop, ends: [Int64], starts: [Int64], offsets: [Int]) {
        for row in rows {
            for (position, step) in row.enumerated() {
                for bits in [step.firstBits, step.secondBits] where bits != 0 {
                    let action = Action(bits: bits)
                    switch action.kind {
                    case .forward: forwardPositions[layout.cell(action)] = position
                    case .backward, .inputGradient: backwardPositions[layout.cell(action)] = position
                    default: break
                    }
                }
            }
        }
        steps.removeAll(keepingCapacity: true)
        var rank = ends.indices.max { ends[$0] < ends[$1] } ?? 0
        var position = (rows.isEmpty ? 0 : rows[rank].count) - 1
        while position >= 0 {
            steps.append((rank, position))
            let start = starts[offsets[rank] + position]
            if start == 0 { return }
            if let source = source(of: rows[rank][position], start, rows, loop, starts, offsets) {
                (rank, position) = source
            } else {
                position -= 1
            }
        }
    }

    /// The step whose result arrives when `step` starts.
    private func source(
        of step: Step, _ start: Int64, _ rows: [[Step]], _ loop: SimulationLoop, _ starts: [Int64], _ offsets: [Int]
    ) -> (rank: Int, position: Int)? {
        for bits in [step.firstBits, step.secondBits] where bits != 0 {
            let action = Action(bits: bits)
            let record = loop.records[action.stage]
            let stage: Int
            let position: Int
            let transfer: Int64
            switch action.kind {
            case .forward where record.previousCells >= 0:
                stage = layout.previous[action.stage]
                position = forwardPositions[record.previousCells + action.microbatch]
                transfer = record.forwardTransfer
            case .backward where record.nextCells >= 0, .inputGradient where record.nextCells >= 0:
                stage = layout.next[action.stage]
                position = backwardPositions[record.nextCells + action.microbatch]
                transfer = record.backwardTransfer
            default:
                continue
            }
            let rank = layout.ranks[stage]
            let end = starts[offsets[rank] + position] + loop.length(of: rows[rank][position])
            if end + transfer == start { return (rank, position) }
        }
        return nil
    }
}
