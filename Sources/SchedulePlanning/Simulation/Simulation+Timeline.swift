import PipelineSchedules
public import Timelines

extension Simulation {
    /// The simulated step as spans: one lane a rank, one span an action; an overlapped pair is two spans of one extent.
    ///
    /// A label's kind is the `rawValue` of its `ActionKind`. O(actions).
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
                            label: timeline.index(of: action.timelineLabel)))
                }
            }
        }
        return timeline
    }
}

extension Action {
    /// The label under which the action's span stands in a timeline; its kind is the `rawValue` of the action's kind.
    package var timelineLabel: TimelineLabel {
        TimelineLabel(
            name: description, activity: kind.isCompute ? .compute : .transfer, stage: stage, microbatch: microbatch,
            kind: Int(kind.rawValue))
    }
}
