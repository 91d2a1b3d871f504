extension SettingsSpace {
    private enum Move {
        case warmUpOfOne, warmUpOfAll, unpairedBackwards, depths, patience, overlaps, weightsAndNoise
    }

    /// The moves with their weights: the eight lists are equally likely, and so are the moves of a list.
    private var moves: [[Move]] {
        [
            [.warmUpOfOne], [.warmUpOfOne], [.warmUpOfOne], [.warmUpOfOne], [.unpairedBackwards, .warmUpOfAll],
            [.depths], [.patience], hasSaving ? [.overlaps, .weightsAndNoise, .weightsAndNoise] : [.weightsAndNoise],
        ]
    }

    /// Returns the settings after one or two random moves.
    func varied(_ settings: ListSchedulerSettings, _ random: inout SplitMix64) -> ListSchedulerSettings {
        var settings = settings
        for _ in 0...random.next(below: 2) {
            let moves = moves[random.next(below: 8)]
            make(moves.count == 1 ? moves[0] : moves[random.next(below: moves.count)], &settings, &random)
        }
        return settings
    }

    private func make(_ move: Move, _ settings: inout ListSchedulerSettings, _ random: inout SplitMix64) {
        func limited(_ warmUp: Int) -> Int { min(max(warmUp, 1), activationLimit) }
        switch move {
        case .warmUpOfOne:
            let rank = random.next(below: ranks)
            settings.warmUps[rank] = limited(settings.warmUps[rank] + random.next(below: 5) - 2)
        case .warmUpOfAll:
            let change = random.next(below: 3) - 1
            settings.warmUps = settings.warmUps.map { limited($0 + change) }
        case .unpairedBackwards:
            let rank = random.next(below: ranks)
            settings.unpairedBackwards[rank] = random.next(below: 5)
        case .depths:
            settings.forwardDepth = random.next(below: 4 * ranks) - ranks
            settings.backwardDepth = random.next(below: 4 * ranks) - ranks
        case .patience: varyPatience(&settings, &random)
        case .overlaps: settings.overlaps.toggle()
        case .weightsAndNoise:
            settings.yieldsWeights.toggle()
            settings.noise = random.next(below: 3)
            settings.seed = random.next()
        }
    }

    /// Draws new waiting times for one rank or for all ranks.
    private func varyPatience(_ settings: inout ListSchedulerSettings, _ random: inout SplitMix64) {
        let patience = (0..<2).map { _ in max(forward, 1) * Int64(random.next(below: 9)) / 4 }
        let one = random.next(below: ranks)
        let (isOne, isStrict) = (random.next(below: 2) == 0, random.next(below: 3) == 0)
        for rank in isOne ? one..<one + 1 : 0..<ranks {
            settings.forwardPatience[rank] = patience[0]
            settings.backwardPatience[rank] = isStrict ? .max : patience[1]
        }
    }
}
