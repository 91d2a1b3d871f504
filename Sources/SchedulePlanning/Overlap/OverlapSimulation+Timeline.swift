public import Timelines

extension OverlapSimulation {
    /// The plan as spans on three lanes, `compute`, `communication` and `waits`; starts of exchanges that take the host no
    /// time have none. O(segments).
    ///
    /// - Parameters:
    ///   - rank: The rank that the lanes belong to.
    ///   - origin: Added to all times.
    public func timeline(rank: Int = 0, origin: Int64 = 0) -> Timeline {
        var timeline = Timeline()
        timeline.reserveCapacity(starts.count + exchanges.count + waits.count)
        let compute = timeline.index(of: TimelineLane(rank: rank, name: "compute"))
        let communication = timeline.index(of: TimelineLane(rank: rank, name: "communication"))
        let waiting = timeline.index(of: TimelineLane(rank: rank, name: "waits"))
        func append(_ start: Int64, _ duration: Int64, _ lane: Int32, _ label: TimelineLabel) {
            timeline.append(
                TimeSpan(start: origin + start, duration: duration, lane: lane, label: timeline.index(of: label)))
        }
        var positions = [0, 0, 0]
        for (pass, start) in zip(plan.order, starts) {
            let position = positions[Int(pass.rawValue)]
            positions[Int(pass.rawValue)] += 1
            let name = name(of: position, pass)
            guard let segment = segment(position, pass) else {
                append(start, problem.weights[position].cost, compute, TimelineLabel(name: name, activity: .compute))
                continue
            }
            switch segment.resource {
            case .compute:
                append(start, segment.cost, compute, TimelineLabel(name: name, activity: .compute))
            case .channel where segment.startCost > 0:
                append(start, segment.startCost, compute, TimelineLabel(name: "start of \(name)", activity: .compute))
            case .channel:
                break
            }
        }
        for exchange in exchanges {
            let label = TimelineLabel(name: name(of: exchange.segment, exchange.sequence), activity: .communication)
            append(
                exchange.interval.lowerBound, exchange.interval.upperBound - exchange.interval.lowerBound,
                communication,
                label)
        }
        for wait in waits {
            let exchange = exchanges[wait.exchange]
            let label = TimelineLabel(
                name: "wait for \(name(of: exchange.segment, exchange.sequence))", activity: .wait)
            append(wait.interval.lowerBound, wait.interval.upperBound - wait.interval.lowerBound, waiting, label)
        }
        return timeline
    }

    /// A segment of the forward or of the backward; nil for weight gradients.
    private func segment(_ position: Int, _ pass: OverlapPlan.Pass) -> PassSegment? {
        switch pass {
        case .forward: problem.forward.segments[position]
        case .backward: problem.backward.segments[position]
        case .weights: nil
        }
    }

    /// Such as `dispatch(F)`; a segment without a name is told by its number.
    private func name(of position: Int, _ pass: OverlapPlan.Pass) -> String {
        let name = segment(position, pass)?.name ?? problem.weights[position].name
        return "\(name.isEmpty ? String(position) : name)(\(pass.letter))"
    }
}
