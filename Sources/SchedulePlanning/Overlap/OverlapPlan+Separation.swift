extension OverlapPlan {
    /// Returns the plan in which the backward or the weight gradients compute between an exchange of the forward and an
    /// exchange that needs its result, wherever something is left that can compute then.
    ///
    /// A dispatch needs the gathered counts on the host. If a device has no other work after the gate, it idles until the
    /// counts have arrived.
    ///
    /// - Complexity: O(segments · dependent exchanges).
    public func separatingExchanges(of problem: OverlapProblem) -> OverlapPlan {
        var order = order
        var separated: [DependentExchange] = []
        for exchange in problem.forward.dependentExchanges {
            guard !exchange.isSeparated(in: order, of: problem) else {
                separated.append(exchange)
                continue
            }
            // The next segments come earlier, or the last ones before the exchanges come later.
            let candidates = [exchange.advancing(order, of: problem), exchange.delaying(order, of: problem)]
            let found = candidates.lazy.compactMap { $0 }.first { candidate in
                separated.allSatisfy { $0.isSeparated(in: candidate, of: problem) }
            }
            guard let found else { continue }
            order = found
            separated.append(exchange)
        }
        return OverlapPlan(order)
    }
}

/// Two exchanges of a forward: the second needs the result of the first, and nothing needed it before.
private struct DependentExchange {
    /// The index of the segment before the first exchange, which computes what is exchanged.
    let producer: Int
    /// The index of the second exchange.
    let reader: Int

    /// Returns whether the backward or the weight gradients compute between the producer and the second exchange.
    func isSeparated(in order: [OverlapPlan.Pass], of problem: OverlapProblem) -> Bool {
        let computing = problem.computingPositions(in: order)
        return (position(producer, order)..<position(reader, order)).contains { computing[$0] }
    }

    /// Returns the order with the segments of other passes up to the next that computes before the second exchange; nil
    /// if none follows.
    func advancing(_ order: [OverlapPlan.Pass], of problem: OverlapProblem) -> [OverlapPlan.Pass]? {
        let (end, computing) = (position(reader, order), problem.computingPositions(in: order))
        guard let next = (end..<order.count).first(where: { computing[$0] }) else { return nil }
        let moved = order[end...next].filter { $0 != .forward }
        let kept = order[end...next].filter { $0 == .forward }
        return Array(order[..<end] + moved + kept + order[(next + 1)...])
    }

    /// Returns the order with the segments of other passes from the last that computes on behind the first exchange; nil
    /// if none precedes.
    func delaying(_ order: [OverlapPlan.Pass], of problem: OverlapProblem) -> [OverlapPlan.Pass]? {
        let (end, computing) = (position(reader, order), problem.computingPositions(in: order))
        guard let last = (0..<end).last(where: { computing[$0] }) else { return nil }
        let moved = order[last..<end].filter { $0 != .forward }
        let kept = order[last..<end].filter { $0 == .forward }
        return Array(order[..<last] + kept + moved + order[end...])
    }

    /// Returns the position of a forward segment in an order.
    private func position(_ segment: Int, _ order: [OverlapPlan.Pass]) -> Int {
        var left = segment
        return order.firstIndex { pass in
            guard pass == .forward else { return false }
            defer { left -= 1 }
            return left == 0
        } ?? order.count
    }
}

extension SegmentSequence {
    /// The exchanges that are the first to need the result of another exchange.
    fileprivate var dependentExchanges: [DependentExchange] {
        var needed: Set<Int> = []
        return segments.indices.compactMap { index in
            let new = segments[index].reads.filter { needed.insert($0).inserted }
            guard segments[index].resource == .channel, let first = new.min() else { return nil }
            return DependentExchange(producer: max(first - 1, 0), reader: index)
        }
    }
}

extension OverlapProblem {
    /// Returns whether a segment of the backward or a weight gradient computes at each position of an order.
    fileprivate func computingPositions(in order: [OverlapPlan.Pass]) -> [Bool] {
        var segment = 0
        return order.map { pass in
            switch pass {
            case .forward: return false
            case .weights: return true
            case .backward:
                defer { segment += 1 }
                return backward.segments[segment].resource == .compute && !backward.segments[segment].isEmpty
            }
        }
    }
}
