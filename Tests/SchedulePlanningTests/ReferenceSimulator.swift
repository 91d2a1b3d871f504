import PipelineSchedules
import SchedulePlanning

/// A slow and simple simulator: it applies "a step starts when its rank is free and its inputs have arrived" to all
/// steps until nothing changes.
struct ReferenceSimulator {
    private(set) var ends: [[Int64]]

    init(_ schedule: Schedule, costs: PipelineCosts) {
        ends = schedule.rows.map { Array(repeating: 0, count: $0.count) }
        var changed = true
        while changed {
            changed = false
            for (rank, row) in schedule.rows.enumerated() {
                for (position, step) in row.enumerated() {
                    var start = position == 0 ? 0 : ends[rank][position - 1]
                    step.forEachAction { start = max(start, arrival($0, schedule, costs)) }
                    let end = start + Self.length(step, costs)
                    if end != ends[rank][position] {
                        ends[rank][position] = end
                        changed = true
                    }
                }
            }
        }
    }

    var makespan: Int64 { ends.compactMap(\.last).max() ?? 0 }

    private func arrival(_ action: Action, _ schedule: Schedule, _ costs: PipelineCosts) -> Int64 {
        guard action.kind != .weightGradient else { return 0 }
        let isForward = action.kind == .forward
        guard let chain = schedule.chains.first(where: { $0.stages.contains(action.stage) }) else { return 0 }
        let stage = action.stage + (isForward ? -1 : 1)
        guard chain.stages.contains(stage) else { return 0 }
        let wanted: [ActionKind] = isForward ? [.forward] : [.backward, .inputGradient]
        for (rank, row) in schedule.rows.enumerated() {
            for (position, step) in row.enumerated() {
                for other in [step.first, step.second].compactMap({ $0 })
                where other.stage == stage && other.microbatch == action.microbatch && wanted.contains(other.kind) {
                    return ends[rank][position] + costs.transfer(from: rank, to: chain.rank(ofStage: action.stage))
                }
            }
        }
        return 0
    }

    private static func length(_ step: Step, _ costs: PipelineCosts) -> Int64 {
        func length(_ action: Action) -> Int64 {
            let stage = costs.stage(action.stage)
            return switch action.kind {
            case .forward: stage.forward
            case .backward: stage.inputGradient + stage.weightGradient
            case .inputGradient: stage.inputGradient
            case .weightGradient: stage.weightGradient
            default: 0
            }
        }
        guard let first = step.first else { return 0 }
        guard let second = step.second else { return length(first) }
        let sum = length(first) + length(second)
        return sum - Int64((Double(sum) * costs.overlapSaving).rounded())
    }
}

extension PipelineCosts {
    /// Returns random costs that differ by stage.
    static func random(stages: Int, _ random: inout SplitMix64, scale: Int = 1000) -> PipelineCosts {
        let costs = (0..<stages).map { _ in
            StageCosts(
                forward: Int64(1 + random.next(below: scale)), inputGradient: Int64(1 + random.next(below: scale)),
                weightGradient: Int64(random.next(below: scale)))
        }
        let saving = 0.45 * random.nextUnit()
        let transfer = Int64(random.next(below: scale / 2))
        return PipelineCosts(stages: costs, overlapSaving: saving, transfer: transfer)
    }
}
