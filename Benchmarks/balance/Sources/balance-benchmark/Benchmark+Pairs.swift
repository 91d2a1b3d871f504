import ExpertBalancing
import Foundation

/// Certified gaps and times with two slots per device: 288 slots on 144 devices.
extension Benchmark {
    static func pairs(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        header(["loads", "effort", "ms", "balance", "bound", "gap %", "worst layer's gap %"])
        let world = try DeviceWorld(slotCount: 288, deviceCount: 144)
        for (name, loads) in try workloads.dropFirst() + GeneratedLoads.all() {
            for effort in OptimalPolicy.Effort.allCases {
                let policy = try OptimalPolicy(world: world, effort: effort)
                var plan = try policy.plan(loads)
                let time = try median(effort == .quick ? 11 : 5) { plan = try policy.plan(loads) }
                let gaps = plan.certificates.map { 100 * $0.gap }
                row([
                    name, effort.rawValue, text(time, 1), text(plan.balance, 4), text(plan.balanceBound, 4),
                    text(gaps.reduce(0, +) / Double(gaps.count), 2), text(gaps.max() ?? 0, 2),
                ])
            }
        }
        print("")
    }
}
