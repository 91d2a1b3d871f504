/// A search for the owner of each expert among the ranks that hold the expert. All ranks own equally many experts.
///
/// This is a maximum flow from experts to ranks. Experts that may keep their preferred owners begin there; each other
/// expert takes a shortest path that moves as few of them as possible.
struct OwnerSearch {
    private let ranksOfExpert: [[Int]]
    private let capacity: Int
    private var owners: [Int]
    private var experts: [[Int]]

    /// - Parameter held: The distinct experts in the slots of each rank.
    init(held: [[Int]], expertCount: Int) {
        var ranks = [[Int]](repeating: [], count: expertCount)
        for (rank, experts) in held.enumerated() { for expert in experts { ranks[expert].append(rank) } }
        ranksOfExpert = ranks
        capacity = expertCount / held.count
        owners = Array(repeating: -1, count: expertCount)
        experts = Array(repeating: [], count: held.count)
    }

    /// Returns the owner of each expert; nil if there are none that own equally many experts. O(experts × slots).
    mutating func owners(preferring preferred: [Int]) -> [Int]? {
        for (expert, rank) in preferred.enumerated() where ranksOfExpert[expert].contains(rank) {
            if experts[rank].count < capacity { assign(expert, to: rank) }
        }
        for expert in owners.indices where owners[expert] < 0 {
            guard augment(from: expert) else { return nil }
        }
        return owners
    }

    private mutating func assign(_ expert: Int, to rank: Int) {
        if owners[expert] >= 0 { experts[owners[expert]].removeAll { $0 == expert } }
        owners[expert] = rank
        experts[rank].append(expert)
    }

    /// Gives `expert` an owner. If the ranks that hold it own enough experts, some of those move to other owners.
    private mutating func augment(from expert: Int) -> Bool {
        // The expert that reaches each rank on a shortest path; -1 for ranks that are not reached.
        var reachedBy = [Int](repeating: -1, count: experts.count)
        var queue = [expert]
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for rank in ranksOfExpert[current] where reachedBy[rank] < 0 && rank != owners[current] {
                reachedBy[rank] = current
                guard experts[rank].count == capacity else {
                    move(to: rank, reachedBy)
                    return true
                }
                queue += experts[rank]
            }
        }
        return false
    }

    /// Moves the experts of a path, the last of which goes to `rank`.
    private mutating func move(to rank: Int, _ reachedBy: [Int]) {
        var rank = rank
        while true {
            let expert = reachedBy[rank]
            let previous = owners[expert]
            assign(expert, to: rank)
            if previous < 0 { return }
            rank = previous
        }
    }
}
