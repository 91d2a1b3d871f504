/// Orders forwards and full backwards by simulation: a rank that is free runs the best action whose input has arrived.
///
/// A backward takes precedence over a forward. Among backwards, the lowest micro-batch runs first; among forwards, that
/// of the stage furthest along its chain. A chain admits a micro-batch while fewer than `window` are in it. All ranks
/// follow one clock, on which a forward takes one unit, so the order cannot deadlock. O(actions · stages per rank).
struct ArrivalOrder {
    let chains: [Chain]
    let rankCount: Int
    /// The largest number of micro-batches of one chain between their first forward and their last backward.
    let window: Int
    /// The length of a backward, in units of the clock.
    let backwardLength: Int64

    /// Returns the steps of each rank.
    func rows() -> [[Step]] {
        let layout = StageLayout(chains)
        let stagesOfRank = layout.stagesOfRank(rankCount: rankCount)
        var walk = ClockWalk(layout, rankCount: rankCount)
        var rows = [[Step]](repeating: [], count: rankCount)
        var forwards = [Int](repeating: 0, count: layout.stageCount)
        var backwards = forwards
        func forwardArrival(_ stage: Int) -> Int64 {
            let isFull = layout.previous[stage] < 0 && forwards[stage] - backwards[stage] >= window
            guard forwards[stage] < layout.microbatchCounts[stage], !isFull else { return .max }
            return walk.arrival(.forward, stage: stage, microbatch: forwards[stage])
        }
        func backwardArrival(_ stage: Int) -> Int64 {
            guard backwards[stage] < forwards[stage] else { return .max }
            return walk.arrival(.backward, stage: stage, microbatch: backwards[stage])
        }
        func depth(_ stage: Int) -> Int { stage - chains[layout.chains[stage]].stages.lowerBound }
        func run(_ kind: ActionKind, _ stage: Int, _ microbatch: Int, _ rank: Int, until end: Int64) {
            let action = Action(kind, stage: stage, microbatch: microbatch)
            rows[rank].append(Step(action))
            walk.occupy(rank, until: end)
            walk.finish(action, at: end)
        }
        while let (rank, time) = walk.next() {
            var (forward, backward, nextArrival) = (-1, -1, Int64.max)
            for stage in stagesOfRank[rank] {
                let (forwardArrival, backwardArrival) = (forwardArrival(stage), backwardArrival(stage))
                if backwardArrival > time {
                    nextArrival = min(nextArrival, backwardArrival)
                } else if backward < 0 || backwards[stage] < backwards[backward] {
                    backward = stage
                }
                if forwardArrival > time {
                    nextArrival = min(nextArrival, forwardArrival)
                } else if forward < 0 || depth(stage) > depth(forward) {
                    forward = stage
                }
            }
            if backward >= 0 {
                run(.backward, backward, backwards[backward], rank, until: time + backwardLength)
                backwards[backward] += 1
            } else if forward >= 0 {
                run(.forward, forward, forwards[forward], rank, until: time + 1)
                forwards[forward] += 1
            } else {
                walk.wait(rank, until: nextArrival)
            }
        }
        return rows
    }
}
