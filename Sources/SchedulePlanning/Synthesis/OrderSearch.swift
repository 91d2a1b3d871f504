import PipelineSchedules

/// Improves an order by small changes, each kept where the step does not get longer: neighbours change places, a pair is
/// split or made, a weight gradient moves.
struct OrderSearch {
    private let layout: StageLayout
    private let limit: Int
    private let allowsOverlap: Bool
    private var loop: SimulationLoop
    /// How far each cell of the rank under test has come: 1 after its forward, 2 after its input gradient.
    private var progress: [UInt8]
    private var starts: [Int64] = []
    private var durations: [Int64] = []
    private(set) var rows: [[Step]]
    private(set) var makespan: Int64

    init(
        _ rows: [[Step]], makespan: Int64, layout: StageLayout, costs: PipelineCosts, activationLimit: Int,
        allowsOverlap: Bool
    ) {
        self.layout = layout
        limit = activationLimit
        self.allowsOverlap = allowsOverlap
        loop = SimulationLoop(layout, costs: costs, rankCount: rows.count)
        progress = Array(repeating: 0, count: layout.cellCount)
        self.rows = rows
        self.makespan = makespan
    }

    /// Tries one change; whether it was kept.
    mutating func tryChange(_ random: inout SplitMix64) -> Bool {
        let rank = random.next(below: rows.count)
        guard rows[rank].count > 1 else { return false }
        let before = rows[rank]
        let position = random.next(below: before.count - 1)
        guard change(rank, position, &random), isPossible(rank) else {
            rows[rank] = before
            return false
        }
        let time = simulate()
        guard let time, time <= makespan else {
            rows[rank] = before
            return false
        }
        makespan = time
        return true
    }

    private mutating func change(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        let (step, next) = (rows[rank][position], rows[rank][position + 1])
        switch random.next(below: 4) {
        case 0:
            rows[rank].swapAt(position, position + 1)
        case 1:
            let distance = 2 + random.next(below: 12)
            let target = min(
                max(position + (random.next(below: 2) == 0 ? distance : -distance), 0), rows[rank].count - 1)
            rows[rank].insert(rows[rank].remove(at: position), at: target)
        case 2:
            guard let forward = step.first, let backward = step.second else { return false }
            rows[rank][position] = Step(forward)
            if backward.kind == .backward {
                rows[rank].insert(Step(backward.with(.inputGradient)), at: position + 1)
                rows[rank].insert(Step(backward.with(.weightGradient)), at: position + 2)
            } else {
                rows[rank].insert(Step(backward), at: position + 1)
            }
        default:
            guard allowsOverlap, !step.isOverlapped, !next.isOverlapped, let one = step.first, let two = next.first
            else { return false }
            let forward = one.kind == .forward ? one : two
            let backward = one.kind == .forward ? two : one
            guard forward.kind == .forward, backward.kind == .inputGradient || backward.kind == .backward,
                forward.microbatch != backward.microbatch
                    || layout.chains[forward.stage] != layout.chains[backward.stage]
            else { return false }
            rows[rank].remove(at: position + 1)
            let weights = Step(backward.with(.weightGradient))
            if backward.kind == .inputGradient, random.next(below: 2) == 0,
                let place = rows[rank].firstIndex(of: weights)
            {
                rows[rank].remove(at: place)
                rows[rank][position] = Step(overlapping: forward, with: backward.with(.backward))
            } else {
                rows[rank][position] = Step(overlapping: forward, with: backward)
            }
        }
        return true
    }

    /// Whether a rank's row has every forward before its backward and every input gradient before its weight gradient,
    /// within the limit of activations.
    private mutating func isPossible(_ rank: Int) -> Bool {
        for stage in 0..<layout.stageCount where layout.ranks[stage] == rank {
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
                    progress[cell] = 1
                    live += 1
                case .backward:
                    guard progress[cell] == 1 else { return false }
                    freed += 1
                case .inputGradient:
                    guard progress[cell] == 1 else { return false }
                    progress[cell] = 2
                case .weightGradient:
                    guard progress[cell] == 2 else { return false }
                    freed += 1
                default:
                    return false
                }
            }
            guard live <= limit else { return false }
            live -= freed
        }
        return true
    }

    private mutating func simulate() -> Int64? {
        let flat = FlatRows(rows)
        let count = flat.steps.count
        if starts.count < count {
            starts = Array(repeating: 0, count: 2 * count)
            durations = starts
        }
        loop.reset()
        let isFinished = flat.steps.withUnsafeBufferPointer { steps in
            flat.offsets.withUnsafeBufferPointer { offsets in
                starts.withUnsafeMutableBufferPointer { starts in
                    durations.withUnsafeMutableBufferPointer { durations in
                        guard let start = starts.baseAddress, let duration = durations.baseAddress else { return false }
                        return loop.run(steps, offsets: offsets, starts: start, durations: duration)
                    }
                }
            }
        }
        return isFinished ? loop.free.max() : nil
    }
}
