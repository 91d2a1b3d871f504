import PipelineSchedules

/// A local search that improves an order by small changes of one rank's row on the critical path: neighbours are
/// swapped, a step moves, a pair is split or formed, a weight gradient is deferred.
///
/// The order either has all its weight gradients, or it omits the unpaired ones and each evaluation puts them into
/// gaps. An order without them gains much in few evaluations. An order with them ends better.
///
/// A change that lengthens the step slightly is accepted, too, early in the search ("threshold accepting", Dueck and
/// Scheuer, 1990). The micro-batches of every stage stay in order: they are alike, so that some optimal schedule has
/// them in order.
struct OrderSearch {
    let layout: StageLayout
    private let limit: Int
    let allowsOverlap: Bool
    private var loop: SimulationLoop
    /// The filler that puts weight gradients into gaps; nil if the order has them.
    private var filler: WeightFiller?
    /// The progress of each cell of the rank under test: 1 after its forward, 2 after its input gradient.
    private var progress: [UInt8]
    /// The next micro-batch of each stage of the rank under test.
    private var forwards: [Int]
    private var backwards: [Int]
    private var starts: [Int64] = []
    private var offsets: [Int]
    private var critical: CriticalSteps
    var rows: [[Step]]
    /// The makespan of `rows`, and the best rows so far with their makespan.
    private(set) var makespan: Int64
    private(set) var best: (rows: [[Step]], makespan: Int64)

    /// A search that begins with `rows`.
    ///
    /// - Precondition: The rows run, without their unpaired weight gradients if the search puts them into gaps.
    init(
        _ rows: [[Step]], layout: StageLayout, costs: PipelineCosts, activationLimit: Int, allowsOverlap: Bool,
        fillsWeights: Bool
    ) {
        self.layout = layout
        limit = activationLimit
        self.allowsOverlap = allowsOverlap
        loop = SimulationLoop(layout, costs: costs, rankCount: rows.count)
        progress = Array(repeating: 0, count: layout.cellCount)
        forwards = Array(repeating: 0, count: layout.stageCount)
        backwards = forwards
        offsets = Array(repeating: 0, count: rows.count)
        critical = CriticalSteps(layout, costs: costs)
        if fillsWeights {
            filler = WeightFiller(layout, rankCount: rows.count, costs: costs, activationLimit: activationLimit)
        }
        self.rows = rows
        makespan = .max
        best = (rows, .max)
        guard let time = simulate() else { return }
        makespan = time
        best.makespan = time
        findCriticalSteps()
    }

    var fillsWeights: Bool { filler != nil }

    /// Returns the best order with its weight gradients, and its makespan; nil if the order cannot run.
    mutating func completed() -> (rows: [[Step]], makespan: Int64)? {
        filler == nil ? best : filler?.completed(best.rows, timedBy: &loop)
    }

    /// Tries one change, which may lengthen the step by at most `threshold`, and returns whether it gave a new best
    /// order.
    mutating func tryChange(threshold: Int64, _ random: inout SplitMix64) -> Bool {
        let chosen = choose(&random)
        guard rows[chosen.rank].count > 1 else { return false }
        let before = rows[chosen.rank]
        guard change(chosen.rank, chosen.position, &random), isPossible(chosen.rank), let time = simulate(),
            time <= makespan + threshold
        else {
            rows[chosen.rank] = before
            return false
        }
        makespan = time
        findCriticalSteps()
        guard time < best.makespan else { return false }
        best = (rows, time)
        return true
    }

    private mutating func findCriticalSteps() {
        critical.find(rows, ends: filler?.free ?? loop.free, starts: starts, offsets: offsets)
    }

    /// Returns a random step, in seven of eight cases one on the critical path.
    private func choose(_ random: inout SplitMix64) -> (rank: Int, position: Int) {
        if !critical.steps.isEmpty, random.next(below: 8) > 0 {
            return critical.steps[random.next(below: critical.steps.count)]
        }
        let rank = random.next(below: rows.count)
        return (rank, random.next(below: max(rows[rank].count, 1)))
    }

    /// Returns whether a rank's row has every forward before its backward, every input gradient before its weight
    /// gradient, each stage's micro-batches in order, and no more activations than the limit. If a filler puts in the
    /// weight gradients, the filler checks the limit.
    private mutating func isPossible(_ rank: Int) -> Bool {
        for stage in 0..<layout.stageCount where layout.ranks[stage] == rank {
            forwards[stage] = 0
            backwards[stage] = 0
            let cells = layout.cellOffsets[stage]
            for cell in cells..<cells + layout.microbatchCounts[stage] { progress[cell] = 0 }
        }
        var live = 0
        for step in rows[rank] {
            var freed = 0
            for bits in [step.firstBits, step.secondBits] where bits != 0 {
                let action = Action(bits: bits)
                let cell = layout.cell(action)
                switch action.kind {
                case .forward:
                    guard forwards[action.stage] == action.microbatch else { return false }
                    forwards[action.stage] += 1
                    progress[cell] = 1
                    live += 1
                case .backward, .inputGradient:
                    guard progress[cell] == 1, backwards[action.stage] == action.microbatch else { return false }
                    backwards[action.stage] += 1
                    if action.kind == .backward { freed += 1 } else { progress[cell] = 2 }
                case .weightGradient:
                    guard progress[cell] == 2 else { return false }
                    freed += 1
                default: return false
                }
            }
            guard fillsWeights || live <= limit else { return false }
            live -= freed
        }
        return true
    }

    private mutating func simulate() -> Int64? {
        var count = 0
        for rank in rows.indices {
            offsets[rank] = count
            count += rows[rank].count
        }
        if starts.count < count { starts = Array(repeating: 0, count: 2 * count) }
        if filler != nil {
            guard filler?.run(rows, offsets: offsets, starts: &starts) == true else { return nil }
            return filler?.free.max()
        }
        loop.reset()
        let isFinished = starts.withUnsafeMutableBufferPointer { starts in
            loop.run(rows, offsets: offsets, starts: starts.baseAddress)
        }
        return isFinished ? loop.makespan : nil
    }
}
