/// The modes off and static: one placement for all steps.
struct ReplayedPlacement: ReplayedMode {
    let placement: Placement
    let world: DeviceWorld
    let sharing: LoadReplay.TokenSharing

    func next(_ step: LoadHistory.Step) -> ModeReplay.Step {
        ModeReplay.Step(balances: placement.balances(in: step, world, sharing), copies: [])
    }
}

extension Placement {
    /// Returns the balance of each layer that has load in a step: the sum of the devices' mean times over the
    /// micro-batches, divided by the sum of their longest times.
    func balances(in step: LoadHistory.Step, _ world: DeviceWorld, _ sharing: LoadReplay.TokenSharing) -> [Double] {
        (0..<layerCount).compactMap { layer in
            var mean = 0.0
            var longest = 0.0
            for loads in step.microBatches {
                mean += loads.total(ofLayer: layer) / world.totalSpeed
                longest += longestTime(ofLayer: layer, for: loads[layer: layer], in: world, sharing)
            }
            return longest > 0 ? mean / longest : nil
        }
    }
}
