/// All sets of added replicas of one small layer, independent of the library's search.
///
/// Whole tokens can be split so that no rank exceeds a limit if and only if, for every set of ranks, the experts that only
/// these ranks hold have at most the set's size times the limit.
struct ReplicaBruteForce {
    /// The best plan: the larger of the limit and the largest rank's tokens, the added replicas, and the largest number
    /// of replicas that one rank sends.
    struct Optimum: Hashable {
        var maximum: Int
        var replicas: Int
        var sent: Int
    }

    private struct Choice {
        var replicas: Int
        var sent: Int
        /// For each set of ranks, the experts that only these ranks hold, as bits.
        var confined: [Int]
    }

    private let expertCount: Int
    private let rankCount: Int
    private var choices: [Choice] = []

    /// Lists the sets. `holders` has the ranks of each expert, the owner first.
    init(holders: [[Int]], freeSlots: [Int]) {
        expertCount = holders.count
        rankCount = freeSlots.count
        var masks = holders.map { $0.reduce(0) { $0 | 1 << $1 } }
        var free = freeSlots
        var sent = [Int](repeating: 0, count: rankCount)
        var count = 0
        func visit(_ candidate: Int) {
            guard candidate < expertCount * rankCount else {
                let confined = (0..<1 << rankCount).map { set in
                    masks.indices.reduce(0) { $0 | (masks[$1] & ~set == 0 ? 1 << $1 : 0) }
                }
                choices.append(Choice(replicas: count, sent: sent.max() ?? 0, confined: confined))
                return
            }
            visit(candidate + 1)
            let (expert, rank) = candidate.quotientAndRemainder(dividingBy: rankCount)
            guard masks[expert] >> rank & 1 == 0, free[rank] > 0 else { return }
            masks[expert] |= 1 << rank
            free[rank] -= 1
            sent[holders[expert][0]] += 1
            count += 1
            visit(candidate + 1)
            count -= 1
            sent[holders[expert][0]] -= 1
            free[rank] += 1
            masks[expert] &= ~(1 << rank)
        }
        visit(0)
        choices.sort { ($0.replicas, $0.sent) < ($1.replicas, $1.sent) }
    }

    /// Returns the best plan for loads and a limit.
    func optimum(_ loads: [Int], limit: Int) -> Optimum {
        var sums = [Int](repeating: 0, count: 1 << expertCount)
        for set in 1..<1 << expertCount {
            sums[set] = sums[set & (set - 1)] + loads[set.trailingZeroBitCount]
        }
        var best = Optimum(maximum: .max, replicas: 0, sent: 0)
        for choice in choices {
            var maximum = limit
            for set in 1..<1 << rankCount {
                let size = set.nonzeroBitCount
                maximum = max(maximum, (sums[choice.confined[set]] + size - 1) / size)
            }
            if maximum < best.maximum {
                best = Optimum(maximum: maximum, replicas: choice.replicas, sent: choice.sent)
            }
            if best.maximum == limit { break }
        }
        return best
    }
}
