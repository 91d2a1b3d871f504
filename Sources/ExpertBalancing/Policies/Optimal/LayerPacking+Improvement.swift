extension LayerPacking {
    /// The factor over the target at which exchanges stop.
    private static let exchangeTolerance = 1.0001
    /// The factor over the target at which changes of replica counts stop.
    private static let shiftTolerance = 1.0014
    private static let shiftTries = 7

    /// Packs the layer's loads and improves the packing until the longest time is close to `target` or no change helps.
    func improve(target: Double) {
        fillReplicas()
        listItems()
        pack()
        improveStart(target: target)
    }

    /// Improves the present packing until the longest time is close to `target` or no change helps.
    func improveStart(target: Double) {
        guard target > 0, devices > 1 else { return }
        exchange(target: target * Self.exchangeTolerance, limit: 8 * devices + 64)
        shiftReplicas(target: target * Self.shiftTolerance, tries: Self.shiftTries)
    }
}
