import ExpertBalancing
import Timelines

/// The numbers of one placement that a chart shows. Every load is the time of one device, relative to the time that all
/// devices would take at perfect balance.
struct BalanceTable {
    /// The devices' times per layer.
    let rows: [[Double]]
    /// The time of each device over all layers.
    let sums: [Double]
    /// The balance of each layer: the time at perfect balance over the longest time.
    let balances: [Double]
    /// The number of replicas of each expert per layer.
    let replicas: [[Int]]

    init(_ placement: Placement, _ loads: ExpertLoads, layers: [Int], speeds: [Double]) {
        let devices = placement.deviceCount
        let deviceLoads = placement.deviceLoads(loads.values)
        let living = (0..<devices).filter { !placement.slots(ofDevice: $0).isEmpty }
        let speeds = speeds.count == devices ? speeds : [Double](repeating: 1, count: devices)
        let speed = max(living.reduce(0) { $0 + speeds[$1] }, .leastNormalMagnitude)
        func overMean(_ values: [Double]) -> [Double] {
            let mean = values.reduce(0, +) / speed
            return values.indices.map { mean > 0 ? values[$0] / speeds[$0] / mean : 0 }
        }
        var total = [Double](repeating: 0, count: devices)
        var rows: [[Double]] = []
        for layer in layers {
            let row = Array(deviceLoads[layer * devices..<(layer + 1) * devices])
            for device in 0..<devices { total[device] += row[device] }
            rows.append(overMean(row))
        }
        self.rows = rows
        sums = overMean(total)
        balances = rows.map { 1 / max($0.max() ?? 1, .leastNormalMagnitude) }
        replicas = layers.map { placement.replicaCounts(ofLayer: $0) }
    }

    var largestSum: Double { sums.max() ?? 1 }
    var balance: Double { balances.reduce(0, +) / Double(max(balances.count, 1)) }
    var worst: Double { balances.min() ?? 1 }
    var sumBalance: Double { 1 / max(largestSum, .leastNormalMagnitude) }
}

extension Double {
    /// The number with exactly `count` decimals.
    package func decimals(_ count: Int) -> String {
        guard isFinite, magnitude < 1e12 else { return "\(self)" }
        let scale = (0..<count).reduce(1.0) { scale, _ in scale * 10 }
        return Int64((self * scale).rounded()).withDecimals(count)
    }
}
