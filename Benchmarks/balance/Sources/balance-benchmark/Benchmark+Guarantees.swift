import ExpertBalancing
import Foundation

extension Benchmark {
    /// Compares the policy `optimal` with all other policies on random layers of 4 to 128 experts on 1 to 4 nodes, and
    /// shows how far the proved bounds are.
    static func guarantees() throws {
        var random = SplitMix64(state: 15)
        var worse: [String: Int] = [:]
        var overBound = 0
        var duplicates = 0
        var gaps: [Double] = []
        var hierarchicalGaps: [Double] = []
        let layers = 3000
        for _ in 0..<layers {
            let layer = try RandomLayer(using: &random)
            var request = PlacementRequest([layer.loads], world: layer.world)
            request.groupCount = layer.groups
            let plan = try request.plan()
            let time = layer.longestTime(plan.placement)
            var others: [String: Placement] = [:]
            request.policyName = "deepseek"
            others["deepseek"] = try request.plan().placement
            request.policyName = "optimal"
            if layer.groups == nil {
                others["joint"] = try JointPolicy(world: layer.world).placement(for: [layer.loads])
            } else if layer.world.nodeCount > 1 {
                request.maxRemoteShare = 0
                others["locality"] = try request.plan().placement
            }
            for (name, other) in others where layer.longestTime(other) < time * (1 - 1e-9) {
                worse[name, default: 0] += 1
            }
            if plan.certificates[0].lowerBound > time * (1 + 1e-12) { overBound += 1 }
            if plan.placement.duplicateCount > 0 { duplicates += 1 }
            gaps.append(plan.certificates[0].gap)
            if layer.world.nodeCount > 1, hierarchicalGaps.count < 1000 {
                hierarchicalGaps.append(plan.certificates[0].gap)
            }
        }
        let names = ["deepseek", "joint", "locality"]
        header(["layers"] + names.map { "worse than \($0)" } + ["balance above bound", "with duplicates"])
        row(["\(layers)"] + names.map { "\(worse[$0] ?? 0)" } + ["\(overBound)", "\(duplicates)"])
        print("")
        header(["layers", "number", "gap %, median", "95 %", "99 %", "largest"])
        for (name, values) in [("all", gaps), ("on 2 to 4 nodes", hierarchicalGaps)] {
            let sorted = values.sorted()
            let figures = [0.5, 0.95, 0.99, 1].map { text(100 * sorted[Int($0 * Double(sorted.count - 1))], 3) }
            row([name, "\(sorted.count)"] + figures)
        }
        print("")
    }
}

/// A random layer with its devices and groups.
private struct RandomLayer {
    let loads: ExpertLoads
    let world: DeviceWorld
    let groups: Int?

    /// Draws a layer. Loads are exponential, log-normal, uniform or by rank.
    init(using random: inout SplitMix64) throws {
        let nodes = Int.random(in: 1...4, using: &random)
        let groups = nodes * Int.random(in: 1...4, using: &random)
        let experts = max(1, Int.random(in: 4...128, using: &random) / groups) * groups
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
        world = try DeviceWorld(slotCount: devices * slotsPerDevice, deviceCount: devices, nodeCount: nodes)
        self.groups = nodes == 1 && Bool.random(using: &random) ? nil : groups
    }

    /// Returns the longest time of any device.
    func longestTime(_ placement: Placement) -> Double { placement.deviceLoads(loads.values).max() ?? 0 }
}
