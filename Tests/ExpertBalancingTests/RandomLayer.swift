import ExpertBalancing
import Foundation
import TestSupport

/// A random layer with its devices and groups.
struct RandomLayer {
    let loads: ExpertLoads
    let world: DeviceWorld
    let groups: Int?

    /// Draws a layer of at most `experts` experts on 1 to 4 nodes. Loads are exponential, log-normal, uniform or by rank.
    init(experts most: Int, using random: inout SeededGenerator) throws {
        let nodes = Int.random(in: 1...4, using: &random)
        let groups = nodes * Int.random(in: 1...4, using: &random)
        let experts = max(1, Int.random(in: 4...most, using: &random) / groups) * groups
        let devices = nodes * Int.random(in: 1...8, using: &random)
        let slotsPerDevice = (experts + devices - 1) / devices + Int.random(in: 0...2, using: &random)
        let kind = Int.random(in: 0..<4, using: &random)
        let values = (0..<experts).map { expert -> Double in
            let uniform = Double.random(in: 0.0001..<1, using: &random)
            switch kind {
            case 0: return (-1000 * log(uniform)).rounded()
            case 1:
                let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &random)
                return (1000 * exp((-2 * log(uniform)).squareRoot() * cos(angle))).rounded()
            case 2: return (1000 * uniform).rounded()
            default: return (10_000 / Double(expert + 1)).rounded()
            }
        }
        loads = try ExpertLoads(values.shuffled(using: &random), expertCount: experts)
        world = try DeviceWorld(
            slotCount: devices * slotsPerDevice, deviceCount: devices, nodeCount: nodes)
        self.groups = nodes == 1 && Bool.random(using: &random) ? nil : groups
    }
}
