extension PairedCounts {
    /// Rounds the fractions of the present solution to whole counts, and keeps the counts if they are better than
    /// ``counts``.
    mutating func round() {
        var left = spareSlots
        for expert in 0..<experts {
            trial[expert] = Int32(options[Int(chosen[expert])].cost) + 1
        }
        for tie in 0..<basis.count {
            let expert = basis.ties[tie].expert
            guard Int(expert) < experts else { continue }
            var best = chosen[Int(expert)]
            var most = fractionOfChosen(expert)
            for other in 0..<basis.count where basis.ties[other].expert == expert && basis.fractions[other] > most {
                most = basis.fractions[other]
                best = basis.ties[other].other
            }
            trial[Int(expert)] = Int32(options[Int(best)].cost) + 1
        }
        for expert in 0..<experts { left -= Int(trial[expert]) - 1 }
        guard left >= 0 else { return }
        giveToHeaviest(left)
        keepTrial()
    }

    /// Keeps ``trial`` if it is better than ``counts``.
    mutating func keepTrial() {
        let reached = pairedTime(of: trial)
        guard reached < longestTime else { return }
        longestTime = reached
        for expert in 0..<experts { counts[expert] = trial[expert] }
    }

    /// Returns the longest time of counts if the heaviest replica is paired with the lightest, the
    /// second heaviest with the second lightest, and so on.
    func pairedTime(of counts: borrowing ScratchBuffer<Int32>) -> Double {
        for expert in 0..<experts {
            let count = counts[expert]
            let share = weights[expert] / Double(count)
            var hole = expert
            while hole > 0, runShare[hole - 1] < share {
                runShare[hole] = runShare[hole - 1]
                runCount[hole] = runCount[hole - 1]
                hole -= 1
            }
            runShare[hole] = share
            runCount[hole] = count
        }
        var heavy = 0
        var light = experts - 1
        var heavyLeft = runCount[0]
        var lightLeft = runCount[light]
        var longest = 0.0
        while heavy < light {
            longest = max(longest, runShare[heavy] + runShare[light])
            let pairs = min(heavyLeft, lightLeft)
            heavyLeft -= pairs
            lightLeft -= pairs
            if heavyLeft == 0 {
                heavy += 1
                heavyLeft = runCount[heavy]
            }
            if lightLeft == 0, light > heavy {
                light -= 1
                lightLeft = runCount[light]
            }
        }
        if heavyLeft > 1, lightLeft > 1 { longest = max(longest, 2 * runShare[heavy]) }
        return longest
    }

    /// Gives each of `slots` slots to the expert with the heaviest share in ``trial``.
    func giveToHeaviest(_ slots: Int) {
        for _ in 0..<slots {
            var heaviest = -1
            var most = -1.0
            for expert in 0..<experts where Int(trial[expert]) < devices {
                let share = weights[expert] / Double(trial[expert])
                if share > most {
                    most = share
                    heaviest = expert
                }
            }
            if heaviest >= 0 { trial[heaviest] += 1 }
        }
    }
}
