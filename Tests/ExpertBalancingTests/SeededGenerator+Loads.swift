import ExpertBalancing
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
