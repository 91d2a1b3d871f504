extension LayerPacking {
    /// How far above the target a layer counts as done: exchanges go on to the first, changes of counts to the second.
    private static let exchangeTolerance = 1.0001
    private static let shiftTolerance = 1.0014
    private static let shiftTries = 7

    /// Packs the layer's loads and improves the packing until the longest time is close to `target` or nothing helps.
    func improve(target: Double) {
        fillReplicas()
        listItems()
        pack()
        guard target > 0, devices > 1 else { return }
        exchange(target: target * Self.exchangeTolerance, limit: 8 * devices + 64)
        shiftReplicas(target: target * Self.shiftTolerance, tries: Self.shiftTries)
    }
}
