import PipelineSchedules

/// The critical path of an order under search, in tables that stay allocated.
struct CriticalSteps {
    private let costs: PipelineCosts
    private let lengths: StepLengths
    private var positions: StepPositions
    /// The steps, last to first.
    private(set) var steps: [(rank: Int, position: Int)] = []

    init(_ layout: StageLayout, costs: PipelineCosts) {
        self.costs = costs
        lengths = StepLengths(costs, stageCount: layout.stageCount)
        positions = StepPositions(layout)
    }

    /// Follows the critical path from the last end back to the first start. O(actions).
    ///
    /// - Parameter ends: The end of each rank's last step.
    mutating func find(_ rows: [[Step]], ends: [Int64], starts: [Int64], offsets: [Int]) {
        positions.find(in: rows)
        steps.removeAll(keepingCapacity: true)
        var rank = ends.indices.max { ends[$0] < ends[$1] } ?? 0
        var position = (rows.isEmpty ? 0 : rows[rank].count) - 1
        while position >= 0 {
            steps.append((rank, position))
            let start = starts[offsets[rank] + position]
            if start == 0 { return }
            if let source = source(of: rows[rank][position], rank, start, rows, starts, offsets) {
                (rank, position) = source
            } else {
                position -= 1
            }
        }
    }

    /// Returns the step whose result arrives when `step` starts; nil if there is none.
    private func source(
        of step: Step, _ rank: Int, _ start: Int64, _ rows: [[Step]], _ starts: [Int64], _ offsets: [Int]
    ) -> (rank: Int, position: Int)? {
        for bits in [step.firstBits, step.secondBits] where bits != 0 {
            guard let source = positions.source(of: Action(bits: bits)) else { continue }
            let length = lengths.length(of: rows[source.rank][source.position])
            let end = starts[offsets[source.rank] + source.position] + length
            if end + costs.transfer(from: source.rank, to: rank) == start { return source }
        }
        return nil
    }
}
