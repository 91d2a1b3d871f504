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
        var sum = 0.0
        var weights = 0.0
        var weight = 1.0
        for window in windows.reversed() {
            sum += weight * placement.balance(ofLayer: 0, for: window[layer: layer], in: world, sharing)
            weights += weight
            weight *= Self.fading
        }
        return sum / weights
    }
}
