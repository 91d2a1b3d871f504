import ExpertBalancing

/// Computes the placement of DeepSeek's EPLB. See `contraflow.h`.
@_cdecl("contraflow_balance_deepseek")
public func contraflowBalanceDeepSeek(
    _ loads: UnsafePointer<Double>, _ layers: Int64, _ experts: Int64, _ replicas: Int64, _ groups: Int64,
    _ nodes: Int64, _ devices: Int64, _ physicalToLogical: UnsafeMutablePointer<Int64>,
    _ ranks: UnsafeMutablePointer<Int64>, _ counts: UnsafeMutablePointer<Int64>,
    _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let table = try LoadTable.read(loads, layers, experts)
        let policy = try DeepSeekPolicy(
            slotCount: Int(replicas), groupCount: Int(groups), nodeCount: Int(nodes), deviceCount: Int(devices))
        let maps = try policy.plan(table)
        for index in maps.physicalToLogical.indices { physicalToLogical[index] = Int64(maps.physicalToLogical[index]) }
        for index in maps.replicaCounts.indices { counts[index] = Int64(maps.replicaCounts[index]) }
        for (index, rank) in maps.ranks.enumerated() { ranks[index] = Int64(rank) }
    }
}

/// Computes a placement close to the best possible; with a limit on copies, one that few copies make from the current
/// placement. See `contraflow.h`.
@_cdecl("contraflow_balance_optimal")
public func contraflowBalanceOptimal(
    _ loads: UnsafePointer<Double>, _ layers: Int64, _ experts: Int64, _ slotsPerDevice: UnsafePointer<Int64>,
    _ speeds: UnsafePointer<Double>?, _ devices: Int64, _ nodes: Int64, _ groups: Int64,
    _ current: UnsafePointer<Int64>?, _ maxCopies: Int64, _ physicalToLogical: UnsafeMutablePointer<Int64>,
    _ balances: UnsafeMutablePointer<Double>?, _ bounds: UnsafeMutablePointer<Double>?,
    _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let table = try LoadTable.read(loads, layers, experts)
        let world = try DeviceTable.read(slotsPerDevice, speeds, devices, nodes)
        var request = PlacementRequest([table], world: world)
        request.effort = .quick
        request.groupCount = groups > 0 ? Int(groups) : nil
        if let current {
            request.current = try SlotTable.read(
                current, layers: Int(layers), deviceOffsets: world.deviceOffsets, experts: experts)
            request.maxCopies = maxCopies < 0 ? nil : Int(maxCopies)
        }
        let plan = try request.plan()
        for index in plan.placement.experts.indices { physicalToLogical[index] = Int64(plan.placement.experts[index]) }
        for (layer, certificate) in plan.certificates.enumerated() {
            balances?[layer] = certificate.balance
            bounds?[layer] = certificate.balanceBound
        }
    }
}
