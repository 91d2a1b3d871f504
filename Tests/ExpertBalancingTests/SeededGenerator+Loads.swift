import ExpertBalancing
import Foundation
import TestSupport

extension SeededGenerator {
    /// Returns random loads with a long tail, like recorded loads.
    mutating func loads(layers: Int, experts: Int) throws -> ExpertLoads {
        let values = (0..<layers * experts).map { _ -> Double in
            let uniform = Double.random(in: 0.001..<1, using: &self)
            return (1000 / (uniform * uniform + 0.05)).rounded()
        }
        return try ExpertLoads(values, expertCount: experts)
    }
}

extension SeededGenerator {
    /// Returns a random placement without empty slots. A device may hold an expert twice.
    mutating func placement(layers: Int, experts: Int, devices: Int, slotsPerDevice: Int) throws -> Placement {
        let rows = (0..<layers).flatMap { _ -> [Int32] in
            let more = (experts..<devices * slotsPerDevice).map { _ in
                Int32.random(in: 0..<Int32(experts), using: &self)
            }
            return ((0..<Int32(experts)) + more).shuffled(using: &self)
        }
        return try Placement(
            experts: rows, expertCount: experts, deviceOffsets: (0...devices).map { $0 * slotsPerDevice })
    }

    /// Returns the counts of tokens that are drawn from one distribution per layer: `layers × experts`. `sums` has the
    /// cumulative weights of each layer.
    mutating func counts(_ sums: [[Double]], tokens: Int) -> [Int] {
        sums.flatMap { sums -> [Int] in
            var counts = [Int](repeating: 0, count: sums.count)
            for _ in 0..<tokens {
                let point = Double.random(in: 0..<sums[sums.count - 1], using: &self)
                var low = 0
                var high = sums.count
                while low < high {
                    let middle = (low + high) / 2
                    if sums[middle] <= point { low = middle + 1 } else { high = middle }
                }
                counts[low] += 1
            }
            return counts
        }
    }
}

extension SeededGenerator {
    /// Returns counts with the mean and the variance of `tokens` draws per layer (normal approximation).
    mutating func noisy(_ loads: ExpertLoads, tokens: Double) throws -> ExpertLoads {
        let values = loads.values.enumerated().map { index, load -> Double in
            let mean = load * tokens / loads.total(ofLayer: index / loads.expertCount)
            let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &self)
            let normal = (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot() * cos(angle)
            return max(0, (mean + mean.squareRoot() * normal).rounded())
        }
        return try ExpertLoads(values, expertCount: loads.expertCount)
    }
}

extension ExpertLoads {
    /// The cumulative loads of each layer.
    var cumulative: [[Double]] {
        (0..<layerCount).map { layer in
            self[layer: layer].reduce(into: []) { sums, load in sums.append((sums.last ?? 0) + load) }
        }
    }
}
