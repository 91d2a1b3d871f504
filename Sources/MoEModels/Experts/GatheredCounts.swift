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

    /// Returns the number of rows of all ranks for each of `experts`.
    func rows(ofExperts experts: Range<Int>) throws -> [Int] {
        let values = try values()
        return experts.map { expert in (0..<rankCount).reduce(0) { $0 + values[$1 * expertCount + expert] } }
    }

    /// Returns the number of rows that rank `rank` sends to rank `owner`, which holds its share of the experts.
    package func rows(from rank: Int, to owner: Int) throws -> Int {
        let experts = ParameterSet.ExpertShare(index: owner, count: rankCount).experts(of: expertCount)
        let start = rank * expertCount
        return try values()[start + experts.lowerBound..<start + experts.upperBound].reduce(0, +)
    }
}
