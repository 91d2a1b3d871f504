import SchedulePlanning

/// Random overlap problems from seeds.
enum SampleOverlapProblems {
    /// Returns a problem of MoE layers, with a forward and a backward of each and random costs.
    ///
    /// - Parameters:
    ///   - layers: The number of layers per chunk.
    ///   - communicationShare: The fraction of the exchanges in all costs.
    ///   - defersWeights: Whether weight gradients are segments of their own, five per layer, or part of the backward's
    ///     segments.
    static func experts(
        seed: Int, layers: Int, communicationShare: Double, defersWeights: Bool
    ) throws -> OverlapProblem {
        var random = SplitMix64(state: UInt64(seed) &* 7919 &+ 17)
        var forward: [PassSegment] = []
        var backward: [PassSegment] = []
        var weights: [WeightSegment] = []
        func cost(_ mean: Double) -> Int64 { Int64(mean * (0.5 + random.nextUnit()) * 1000) }
        for _ in 0..<layers {
            let first = forward.count
            forward += [
                .compute("attention", cost: cost(35)),
                .exchange("counts", cost: cost(1)),
                .exchange("dispatch", cost: cost(40), reads: [first + 1]),
                .compute("shared experts", cost: cost(8)),
                .compute("experts", cost: cost(30), reads: [first + 1, first + 2]),
                .exchange("combine", cost: cost(45), reads: [first + 1]),
                .compute("merge", cost: cost(3), reads: [first + 5]),
            ]
        }
        for _ in 0..<layers {
            let first = backward.count
            let products: [(cost: Int64, place: Int)] = [
                (cost(14), 2), (cost(9), 2), (cost(6), 3), (cost(5), 6), (cost(9), 6),
            ]
            var computes = [cost(32), cost(9), cost(45)]
            if defersWeights {
                weights += products.map { WeightSegment("weights", cost: $0.cost, after: first + $0.place) }
            } else {
                for product in products { computes[[2: 0, 3: 1, 6: 2][product.place] ?? 0] += product.cost }
            }
            backward += [
                .compute("merge", cost: cost(3)),
                .exchange("gradient of combine", cost: cost(40)),
                .compute("experts", cost: computes[0], reads: [first + 1]),
                .compute("shared experts", cost: computes[1]),
                .exchange("gradient of dispatch", cost: cost(45)),
                .empty("counts"),
                .compute("attention", cost: computes[2], reads: [first + 4]),
            ]
        }
        let segments = forward + backward
        let exchanged = segments.reduce(0) { $0 + ($1.resource == .channel ? $1.cost : 0) }
        let computed =
            segments.reduce(0) { $0 + ($1.resource == .compute ? $1.cost : 0) } + weights.reduce(0) { $0 + $1.cost }
        let scale = communicationShare / (1 - communicationShare) * Double(computed) / Double(exchanged)
        func scaled(_ segments: [PassSegment]) -> SegmentSequence {
            SegmentSequence(
                segments.map { segment in
                    var segment = segment
                    if segment.resource == .channel { segment.cost = Int64(Double(segment.cost) * scale) }
                    return segment
                })
        }
        return try OverlapProblem(forward: scaled(forward), backward: scaled(backward), weights: weights)
    }

    /// Returns one of many sets of costs, with exchanges of 10 to 60 % of all costs.
    static func experts(set: Int, layers: Int, defersWeights: Bool) throws -> OverlapProblem {
        var random = SplitMix64(state: UInt64(set) &+ 1)
        return try experts(
            seed: set * 8 + layers, layers: layers, communicationShare: 0.1 + 0.5 * random.nextUnit(),
            defersWeights: defersWeights)
    }

    /// Returns a problem of few segments of any kind that read any earlier exchanges. Some costs are 0.
    static func anything(seed: Int, segments: Int, weights: Int) throws -> OverlapProblem {
        var random = SplitMix64(state: UInt64(seed) &* 104_729 &+ 5)
        func sequence() -> SegmentSequence {
            var sequence = SegmentSequence()
            for _ in 0..<random.next(below: segments + 1) {
                let earlier = sequence.segments.indices.filter { sequence.segments[$0].resource == .channel }
                let reads = earlier.filter { _ in random.next(below: 3) == 0 }.shuffled(using: &random)
                let cost = Int64(random.next(below: 10))
                sequence.segments.append(
                    random.next(below: 2) == 0
                        ? .compute(cost: cost, reads: reads)
                        : .exchange(
                            cost: 2 * cost, startCost: Int64(random.next(below: 2) * random.next(below: 3)),
                            reads: reads))
            }
            sequence.resultReads = sequence.segments.indices.filter {
                sequence.segments[$0].resource == .channel && random.next(below: 2) == 0
            }
            return sequence
        }
        let (forward, backward) = (sequence(), sequence())
        let products = (0..<random.next(below: weights + 1)).map { _ in
            let after = random.next(below: backward.segments.count + 1)
            return WeightSegment(cost: Int64(random.next(below: 8)), after: after == 0 ? nil : after - 1)
        }
        return try OverlapProblem(forward: forward, backward: backward, weights: products)
    }

    /// Returns a plan with a random choice among the segments that may come next.
    static func anyPlan(of problem: OverlapProblem, seed: Int) -> OverlapPlan {
        var random = SplitMix64(state: UInt64(seed) &* 31 &+ 7)
        var left = [problem.forward.segments.count, problem.backward.segments.count, problem.weights.count]
        var order: [OverlapPlan.Pass] = []
        while left != [0, 0, 0] {
            let backwards = problem.backward.segments.count - left[1]
            let possible = OverlapPlan.Pass.allCases.filter { pass in
                let place = Int(pass.rawValue)
                guard pass == .weights, left[place] > 0 else { return left[place] > 0 }
                return problem.weights[problem.weights.count - left[place]].after ?? -1 < backwards
            }
            let pass = possible[random.next(below: possible.count)]
            left[Int(pass.rawValue)] -= 1
            order.append(pass)
        }
        return OverlapPlan(order)
    }
}
