/// A check of every row in one pass. For each (stage, micro-batch), it stores the kinds of actions that have run, with
/// one bit per kind.
///
/// A stage is on one rank, so the row of that rank alone decides whether the stage's actions are in a valid order.
struct RowValidator {
    private let schedule: Schedule
    private let layout: StageLayout
    private let purpose: Schedule.Purpose
    private let writesTransfers: Bool
    private let stages: [StageCells]
    private var seen: [ActionBits]

    init(schedule: Schedule, layout: StageLayout, purpose: Schedule.Purpose, writesTransfers: Bool) {
        self.schedule = schedule
        self.layout = layout
        self.purpose = purpose
        self.writesTransfers = writesTransfers
        stages = (0..<layout.stageCount).map { stage in
            StageCells(
                rank: layout.ranks[stage], chain: layout.chains[stage], cells: layout.cellOffsets[stage],
                microbatchCount: layout.microbatchCounts[stage])
        }
        seen = Array(repeating: [], count: layout.cellCount)
    }

    /// Checks every action against those before it, and returns the peak number of activations of each rank.
    mutating func readRows() throws(ScheduleError) -> [Int] {
        var peaks: [Int] = []
        peaks.reserveCapacity(schedule.rankCount)
        for (rank, row) in schedule.rows.enumerated() {
            var activations = LiveActivations()
            var position = 0
            while position < row.count {
                if purpose == .training { position = readCanonical(row, rank, position, &activations) }
                guard position < row.count else { break }
                try read(row[position], rank, position, &activations)
                position += 1
            }
            peaks.append(activations.peak)
        }
        return peaks
    }

    /// Reads valid compute steps, which nearly all steps are, and returns the position of the first other step. The
    /// nested closures give the loop unchecked access to three arrays.
    private mutating func readCanonical(
        _ row: [Step], _ rank: Int, _ first: Int, _ activations: inout LiveActivations
    ) -> Int {
        var position = first
        row.withUnsafeBufferPointer { row in
            seen.withUnsafeMutableBufferPointer { seen in
                stages.withUnsafeBufferPointer { stages in
                    let table = CanonicalActions(seen: seen, stages: stages, rank: rank)
                    while position < row.count {
                        let step = row[position]
                        let one = Action(bits: step.firstBits)
                        guard step.firstBits != 0, let cell = table.cell(one) else { break }
                        if step.isOverlapped {
                            let two = Action(bits: step.secondBits)
                            guard one.kind == .forward, two.kind == .backward || two.kind == .inputGradient,
                                let second = table.cell(two), table.areIndependent(one, two)
                            else { break }
                            seen[second].formUnion(ActionBits(two.kind))
                        }
                        seen[cell].formUnion(ActionBits(one.kind))
                        activations.count(step)
                        position += 1
                    }
                }
            }
        }
        return position
    }

    private mutating func read(
        _ step: Step, _ rank: Int, _ position: Int, _ activations: inout LiveActivations
    ) throws(ScheduleError) {
        if let first = step.first, let second = step.second { try checkPair(first, second, rank, position) }
        try step.forEachAction { action throws(ScheduleError) in try record(action, rank, position) }
        activations.count(step)
        if purpose == .evaluation { activations.free() }
    }

    private func checkPair(_ first: Action, _ second: Action, _ rank: Int, _ position: Int) throws(ScheduleError) {
        guard first.kind == .forward, second.kind == .backward || second.kind == .inputGradient else {
            throw ScheduleError(.notForwardWithBackward(first, second), rank: rank, position: position)
        }
        guard first.stage < layout.stageCount, second.stage < layout.stageCount else { return }
        let isSameChain = layout.chains[first.stage] == layout.chains[second.stage]
        if isSameChain && first.microbatch == second.microbatch {
            throw ScheduleError(.dependentPair(first, second), rank: rank, position: position)
        }
    }

    private mutating func record(_ action: Action, _ rank: Int, _ position: Int) throws(ScheduleError) {
        func fault(_ reason: ScheduleError.Reason) -> ScheduleError {
            ScheduleError(reason, rank: rank, position: position)
        }
        let stage = action.stage
        guard stage < layout.stageCount else { throw fault(.unknownStage(action, stageCount: layout.stageCount)) }
        guard layout.ranks[stage] == rank else { throw fault(.wrongRank(action, expected: layout.ranks[stage])) }
        guard action.kind.hasMicrobatch else { return }
        guard action.microbatch < layout.microbatchCounts[stage] else {
            throw fault(.unknownMicrobatch(action, microbatchCount: layout.microbatchCounts[stage]))
        }

        let cell = layout.cell(action)
        let before = seen[cell]
        let bit = ActionBits(action.kind)
        guard before.isDisjoint(with: bit) else { throw fault(.duplicate(action)) }
        switch action.kind {
        case .forward: break
        case .backward, .inputGradient, .weightGradient:
            guard purpose == .training else { throw fault(.backwardInEvaluation(action)) }
            guard before.contains(.forward) else { throw fault(.backwardBeforeForward(action)) }
            let other: ActionBits = action.kind == .backward ? [.inputGradient, .weightGradient] : .backward
            guard before.isDisjoint(with: other) else { throw fault(.fullAndSplitBackward(action)) }
            if action.kind == .weightGradient, !before.contains(.inputGradient) {
                throw fault(.weightBeforeInput(action))
            }
        default:
            guard layout.crossesRanks(action) else { throw fault(.needlessTransfer(action)) }
            guard isInPlace(action, after: before) else { throw fault(.transferOutOfPlace(action)) }
        }
        seen[cell] = before.union(bit)
    }

    private func isInPlace(_ transfer: Action, after before: ActionBits) -> Bool {
        switch transfer.kind {
        case .sendForward: before.contains(.forward)
        case .sendBackward: !before.isDisjoint(with: .inputReady)
        case .receiveForward: !before.contains(.forward)
        default: before.isDisjoint(with: .inputReady)
        }
    }

    /// Throws an error for the first action, by stage and micro-batch, that no row has.
    func checkCompleteness() throws(ScheduleError) {
        for stage in 0..<layout.stageCount {
            for microbatch in 0..<layout.microbatchCounts[stage] {
                let found = seen[layout.cellOffsets[stage] + microbatch]
                if let kind = missingKind(stage: stage, found: found) {
                    throw ScheduleError(
                        .missing(Action(kind, stage: stage, microbatch: microbatch)), rank: layout.ranks[stage])
                }
            }
        }
    }

    private func missingKind(stage: Int, found: ActionBits) -> ActionKind? {
        if !found.contains(.forward) { return .forward }
        if purpose == .training {
            if found.isDisjoint(with: .inputReady) { return .backward }
            if found.contains(.inputGradient), !found.contains(.weightGradient) { return .weightGradient }
        }
        guard writesTransfers else { return nil }
        let kinds: [ActionKind] =
            purpose == .training
            ? [.receiveForward, .sendForward, .receiveBackward, .sendBackward] : [.receiveForward, .sendForward]
        return kinds.first { layout.crossesRanks(Action($0, stage: stage)) && found.isDisjoint(with: ActionBits($0)) }
    }
}
