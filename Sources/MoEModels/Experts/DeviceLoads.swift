/// The rows that the ranks of an expert-parallel group have computed in the layers of routed experts, summed over the
/// micro-batches of a step.
package final class DeviceLoads {
    /// The rows of all ranks, and those of the rank with the most rows, by layer.
    package private(set) var totals: [Double] = []
    package private(set) var largest: [Double] = []

    /// Adds a micro-batch of a layer.
    func add(layer: Int, rowsOfRank rows: [Int]) {
        while totals.count <= layer {
            totals.append(0)
            largest.append(0)
        }
        totals[layer] += Double(rows.reduce(0, +))
        largest[layer] += Double(rows.max() ?? 0)
    }

    /// Begins a new step.
    package func clear() { (totals, largest) = ([], []) }

    /// Returns ``totals``, then ``largest``, of `count` layers: 0 for layers that this rank does not hold.
    package func numbers(ofLayers count: Int) -> [Double] {
        [totals, largest].flatMap { $0.prefix(count) + Array(repeating: 0, count: max(count - $0.count, 0)) }
    }

    /// Returns the balance of each layer, the mean rows of a rank divided by the largest, from sums of
    /// ``numbers(ofLayers:)``; 1 for a layer without rows.
    package static func balances(_ sums: [Double], rankCount: Int) -> [Double] {
        let count = sums.count / 2
        return (0..<count).map { layer in
            let largest = sums[count + layer]
            return largest > 0 ? sums[layer] / Double(rankCount) / largest : 1
        }
    }
}
