/// A score for the slots of a layer: their balance in recent windows. Unlike a single forecast, the windows show how
/// loads vary.
struct Backtest {
    /// The windows, the newest last. The weight of each window is ``fading`` times the weight of the next newer window.
    let windows: ArraySlice<ExpertLoads>
    let world: DeviceWorld
    let sharing: LoadReplay.TokenSharing

    static let fading = 0.6

    /// Returns the weighted mean over the windows of the balance of a layer's slots.
    func balance(_ slots: [Int32], layer: Int) -> Double {
        guard let experts = windows.first?.expertCount else { return 1 }
        let placement = Placement(checkedExperts: slots, expertCount: experts, deviceOffsets: world.deviceOffsets)
        let speed = world.totalSpeed
        var sum = 0.0
        var weights = 0.0
        var weight = 1.0
        for window in windows.reversed() {
            let loads = Array(window[layer: layer])
            let longest: Double
            switch sharing {
            case .equal: longest = zip(placement.deviceLoads(loads), world.speeds).reduce(0) { max($0, $1.0 / $1.1) }
            case .best:
                var flow = ReplicaFlow(placement, layer: 0, loads: loads, speeds: world.speeds)
                longest = flow.solve(isWhole: false)
            }
            sum += weight * (longest > 0 ? loads.reduce(0, +) / speed / longest : 1)
            weights += weight
            weight *= Self.fading
        }
        return sum / weights
    }
}
