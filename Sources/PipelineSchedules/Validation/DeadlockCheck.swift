/// Runs the schedule without times. Each rank advances until it waits. The rank that finishes the awaited action wakes
/// the waiting rank.
///
/// If some ranks do not finish this way, there is a circular wait among them.
struct DeadlockCheck {
    let schedule: Schedule
    let layout: StageLayout
    let links: [StageLinks]

    func run() throws(ScheduleError) {
        let rows = schedule.rows
        var done = [ActionBits](repeating: [], count: layout.cellCount)
        // The pointers stay valid until the run ends, because `rows` lives until then and does not change.
        var ranks = rows.enumerated().map { rank, row in
            RankCursor(steps: row.withUnsafeBufferPointer { $0 }, below: rank + 1 < rows.count ? rank + 1 : -1)
        }
        let waits = withExtendedLifetime(rows) {
            links.withUnsafeBufferPointer { links in
                done.withUnsafeMutableBufferPointer { done in
                    ranks.withUnsafeMutableBufferPointer { ranks in
                        var walk = ExecutionWalk(links: links, done: done, ranks: ranks)
                        walk.run()
                        return circle(walk)
                    }
                }
            }
        }
        if let waits { throw ScheduleError(.circularWait(waits)) }
    }

    /// Returns the ranks that wait for one another in a circle; nil if every rank has finished.
    private func circle(_ walk: ExecutionWalk) -> [ScheduleError.Wait]? {
        walk.ranks.firstIndex { $0.position < $0.steps.count }.map { first in
            ScheduleError.Wait.circle(from: first) { wait(of: $0, walk) }
        }
    }

    private func wait(of rank: Int, _ walk: ExecutionWalk) -> ScheduleError.Wait? {
        let position = walk.ranks[rank].position
        let step = schedule.rows[rank][position]
        var needed: Action?
        step.forEachAction { action in
            if needed == nil, walk.awaitedCell(of: action) >= 0 { needed = source(of: action) }
        }
        return needed.map {
            ScheduleError.Wait(
                rank: rank, position: position, step: step, awaited: $0, awaitedRank: layout.ranks[$0.stage])
        }
    }

    /// Returns the action whose result an action waits for; nil if there is none.
    private func source(of action: Action) -> Action? {
        let (kind, stage): (ActionKind, Int)
        switch action.kind {
        case .forward: (kind, stage) = (.forward, layout.previous[action.stage])
        case .backward, .inputGradient: (kind, stage) = (.backward, layout.next[action.stage])
        case .receiveForward, .receiveBackward: return layout.counterpart(of: action)
        default: return nil
        }
        return stage < 0 ? nil : Action(kind, stage: stage, microbatch: action.microbatch)
    }
}
