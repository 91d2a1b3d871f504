import PipelineSchedules
public import Timelines

extension Simulation {
    /// The simulated step as spans: one lane per rank, one span per action; an overlapped pair is two spans of one extent.
    /// O(actions).
    public var timeline: Timeline {
        var timeline = Timeline()
        timeline.reserveCapacity(schedule.actionCount)
        for rank in schedule.rows.indices {
            let lane = timeline.index(of: TimelineLane(rank: rank, name: "compute"))
            for (position, step) in schedule.rows[rank].enumerated() {
                step.forEachAction { action in
                    timeline.append(
                        TimeSpan(
                            start: start(ofRank: rank, position: position),
                            duration: duration(ofRank: rank, position: position), lane: lane,
                            event: timeline.index(of: .action(action))))
                }
            }
        }
        return timeline
    }
}
