import ExpertBalancing
public import LibTorch

/// The number of rows of each rank of an expert-parallel group for each expert, in one micro-batch and layer.
///
/// The host reads the counts once, when it first needs them. They give the sizes of the exchanges and of the experts'
/// products, forward and backward.
public final class GatheredCounts {
    /// The counts on the device, int64 [ranks, experts].
    public let tensor_RE: Tensor
    private let expertCount: Int
    private let rankCount: Int
    private var copy: HostCopy?
    private var numbers: [Int]?
    /// The tokens of each rank for each slot; nil if each rank holds its share of consecutive experts.
    private var assignment: TokenAssignment?
    /// The replicas that are fetched for these rows, in the order of slots.
    private(set) var fetches: [ReplicaFetch] = []

    /// Creates the counts of `tensor_RE`, int64 [ranks, experts].
    public init(_ tensor_RE: Tensor) {
        self.tensor_RE = tensor_RE
        (rankCount, expertCount) = (tensor_RE.shape[0], tensor_RE.shape[1])
    }

    /// Starts to copy the counts to the host, behind the work that the current stream has so far.
    package func startReading() throws { if copy == nil { copy = try HostCopy(of: tensor_RE) } }

    /// The counts in row-major order. The first call waits for the device.
    private func values() throws -> [Int] {
        if let numbers { return numbers }
        let read = try (copy ?? HostCopy(of: tensor_RE)).integers()
        (numbers, copy) = (read, nil)
        return read
    }

    /// Assigns the rows to the slots of a layer, unless that has been done.
    func assign(to layout: ExpertLayout, layer: Int) throws {
        guard assignment == nil else { return }
        (assignment, fetches) = try layout.assignment(ofLayer: layer, counts: values())
    }

    /// Returns the rows of rank `rank`, sorted by expert, as blocks in the order of slots: the first row and the number of
    /// rows of each slot. The rows have been assigned to slots.
    func blocks(ofRank rank: Int) throws -> [(start: Int, count: Int)] {
        guard let assignment else { preconditionFailure("rows are assigned to slots before they are sent") }
        return assignment.blocks(ofRank: rank, counts: try values()[rank * expertCount..<(rank + 1) * expertCount])
    }

    /// Returns the number of replicas that rank `source` sends to rank `target` for these rows.
    package func fetches(from source: Int, to target: Int) -> Int {
        fetches.count { $0.fromRank == source && $0.toRank == target }
    }

    /// Returns the number of rows that each rank sends to each expert on rank `rank`: `ranks × experts of the rank`, in
    /// the order of the rank's slots.
    func rows(toRank rank: Int) throws -> [[Int]] {
        if let assignment {
            let slots = assignment.offsets[rank]..<assignment.offsets[rank + 1]
            return (0..<rankCount).map { source in
                Array(
                    assignment.tokens[
                        source * assignment.slotCount + slots.lowerBound..<source * assignment.slotCount
                            + slots.upperBound])
            }
        }
        let values = try values()
        let experts = ParameterSet.ExpertShare(index: rank, count: rankCount).experts(of: expertCount)
        return (0..<rankCount).map { source in
            Array(values[source * expertCount + experts.lowerBound..<source * expertCount + experts.upperBound])
        }
    }

    /// Returns the number of rows that each rank computes.
    func rowsOfRank() throws -> [Int] {
        if let assignment { return assignment.tokensOfRank }
        return try (0..<rankCount).map { rank in try rows(toRank: rank).joined().reduce(0, +) }
    }

    /// Returns the number of rows that rank `rank` sends to rank `owner`, which holds the experts.
    package func rows(from rank: Int, to owner: Int) throws -> Int {
        if let assignment { return assignment.tokens(from: rank, to: owner) }
        let experts = ParameterSet.ExpertShare(index: owner, count: rankCount).experts(of: expertCount)
        let start = rank * expertCount
        return try values()[start + experts.lowerBound..<start + experts.upperBound].reduce(0, +)
    }
}
