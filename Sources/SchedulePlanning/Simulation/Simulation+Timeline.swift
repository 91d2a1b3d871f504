import PipelineSchedules
public import Timelines

extension Simulation {
    /// The simulated step as spans: one lane per rank and one span per action. An overlapped pair is two spans with
    /// equal intervals. O(actions).
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

    /// The reason why each span of ``timeline`` starts when it does, in the order of the timeline's spans: `at once`
    /// after the previous step, or the step that it waited for and the length of the wait. O(actions).
    public var causes: [String] {
        let positions = StepPositions(schedule)
        var causes: [String] = []
        for (rank, row) in schedule.rows.enumerated() {
            for (position, step) in row.enumerated() {
                let start = start(ofRank: rank, position: position)
                let free = position == 0 ? 0 : end(ofRank: rank, position: position - 1)
                var cause = "at once"
                if start > free, let source = awaited(rank, start, step, positions) {
                    let needed = schedule.rows[source.rank][source.position]
                    cause = "waited \(formatted(start - free)) for \(needed) of rank \(source.rank)"
                }
                step.forEachAction { _ in causes.append(cause) }
            }
        }
        return causes
    }

    private func formatted(_ nanoseconds: Int64) -> String {
        nanoseconds < 1000 ? "\(nanoseconds) ns" : "\(Double((nanoseconds + 500) / 1000) / 1000) ms"
    }
}
