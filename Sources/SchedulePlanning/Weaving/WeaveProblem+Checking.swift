extension WeaveProblem {
    /// Whether a weave suits the parts: it runs each once, and no weight gradient before the part that it belongs to.
    ///
    /// - Throws: ``WeaveFault`` where it does not.
    public func check(_ weave: Weave) throws(WeaveFault) {
        let counts = [forward.parts.count, backward.parts.count, weights.count]
        var positions = [0, 0, 0]
        for (index, turn) in weave.turns.enumerated() {
            let position = positions[Int(turn.rawValue)]
            guard position < counts[Int(turn.rawValue)] else {
                throw WeaveFault(turn: index, problem: "\(turn.letter) has no part left of \(position)")
            }
            if turn == .weights, let after = weights[position].after, after >= positions[1] {
                throw WeaveFault(
                    turn: index, problem: "weight part \(position) comes before backward part \(after), which it needs")
            }
            positions[Int(turn.rawValue)] += 1
        }
        for turn in Weave.Turn.allCases where positions[Int(turn.rawValue)] < counts[Int(turn.rawValue)] {
            let (run, all) = (positions[Int(turn.rawValue)], counts[Int(turn.rawValue)])
            throw WeaveFault(turn: weave.turns.count, problem: "\(turn.letter) has run \(run) of \(all) parts")
        }
    }
}
