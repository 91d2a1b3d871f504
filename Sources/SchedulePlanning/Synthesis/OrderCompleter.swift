import PipelineSchedules

/// Puts unpaired weight gradients into the gaps of orders that leave them out, and times the result.
struct OrderCompleter {
    private var filler: WeightFiller
    private var loop: SimulationLoop

    init(_ layout: StageLayout, rankCount: Int, costs: PipelineCosts, activationLimit: Int) {
        filler = WeightFiller(
            layout, rankCount: rankCount, costs: costs, activationLimit: activationLimit, minimumFill: 0.5)
        loop = SimulationLoop(layout, costs: costs, rankCount: rankCount)
    }

    /// The rows and when the last action ends; nil where the orders cannot run or do not keep to the limit.
    mutating func completed(_ orders: [[Step]]) -> (rows: [[Step]], makespan: Int64)? {
        guard let rows = filler.filled(orders) else { return nil }
        var offsets: [Int] = []
        var count = 0
        for row in rows {
            offsets.append(count)
            count += row.count
        }
        loop.reset()
        guard loop.run(rows, offsets: offsets) == .finished else { return nil }
        return (rows, loop.makespan)
    }
}
