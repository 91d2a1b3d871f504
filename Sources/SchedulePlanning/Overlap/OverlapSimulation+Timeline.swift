public import Timelines

extension OverlapSimulation {
    /// Returns the plan as spans on three lanes, `compute`, `communication` and `waits`. A start of an exchange has no
    /// span if it takes the host no time. O(segments).
    ///
    /// - Parameters:
    ///   - rank: The rank that the lanes belong to.
    ///   - origin: The time that is added to all times.
    public func timeline(rank: Int = 0, origin: Int64 = 0) -> Timeline {
        var timeline = Timeline()
        timeline.reserveCapacity(starts.count + exchanges.count + waits.count)
        func append(_ interval: Range<Int64>, _ lane: String, _ event: TimelineEvent) {
            timeline.append(
                start: origin + interval.lowerBound, duration: interval.upperBound - interval.lowerBound,
                lane: TimelineLane(rank: rank, name: lane), event: event)
        }
        var positions = [0, 0, 0]
        for (pass, start) in zip(plan.order, starts) {
            let position = positions[Int(pass.rawValue)]
            positions[Int(pass.rawValue)] += 1
            var event = event(of: position, pass)
            let cost: Int64
            switch segment(position, pass) {
            case nil: cost = problem.weights[position].cost
            case let segment? where segment.resource == .compute: cost = segment.cost
            case let segment?:
                cost = segment.startCost
                if cost == 0 { continue }
                event.name = "start of \(event.name)"
            }
            append(start..<start + cost, "compute", .segment(event))
        }
        for exchange in exchanges {
            append(exchange.interval, "communication", .exchange(event(of: exchange.segment, exchange.sequence), nil))
        }
        for wait in waits {
            let exchange = exchanges[wait.exchange]
            append(wait.interval, "waits", .wait(.exchange(event(of: exchange.segment, exchange.sequence), nil)))
        }
        return timeline
    }

    /// Returns the segment of the forward or of the backward; nil for weight gradients.
    private func segment(_ position: Int, _ pass: OverlapPlan.Pass) -> PassSegment? {
        switch pass {
        case .forward: problem.forward.segments[position]
        case .backward: problem.backward.segments[position]
        case .weights: nil
        }
    }

    /// Returns the event of a segment. A segment without a name is named by its number.
    private func event(of position: Int, _ pass: OverlapPlan.Pass) -> SegmentEvent {
        let name = segment(position, pass)?.name ?? problem.weights[position].name
        let timelinePass: Pass =
            switch pass {
            case .forward: .forward
            case .backward: .backward
            case .weights: .weight
            }
        return SegmentEvent(name.isEmpty ? String(position) : name, timelinePass)
    }
}
