import ExpertBalancing

/// DeepSeek's placement. See `contraflow.h`.
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
        for layer in 0..<maps.layerCount {
            for expert in 0..<maps.expertCount {
                let row = (layer * maps.expertCount + expert) * maps.width
                for rank in 0..<Int(maps.replicaCounts[layer * maps.expertCount + expert]) {
                    ranks[layer * maps.slotCount + Int(maps.logicalToPhysical[row + rank])] = Int64(rank)
                }
            }
        }
    }
}

/// A placement close to the best possible, or a few copies from the current one. See `contraflow.h`.
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
        guard devices > 0, devices <= Int64(Int32.max), nodes > 0 else {
            throw CallError("\(devices) devices on \(nodes) nodes: give at least 1 of both")
        }
        let world = try DeviceWorld(
            slotsPerDevice: (0..<Int(devices)).map { Int(slotsPerDevice[$0]) },
            speeds: speeds.map { speeds in (0..<Int(devices)).map { speeds[$0] } }, nodeCount: Int(nodes))
        let policy = try OptimalPolicy(world: world, groupCount: groups > 0 ? Int(groups) : nil)
        let plan = try policy.plan(table)
        var placement = plan.placement
        var certificates = plan.certificates
        if let current {
            let slots = try (0..<Int(layers) * world.slotCount).map { index -> Int32 in
                guard let expert = Int32(exactly: current[index]) else {
                    throw CallError("slot \(index) of the current placement holds \(current[index]), no expert")
                }
                return expert
            }
            let old = try Placement(
                experts: slots, expertCount: Int(experts), deviceOffsets: world.deviceOffsets)
            placement =
                maxCopies < 0
                ? plan.placement.relabelled(closestTo: old, in: world, keepsNodes: groups > 0)
                : try BudgetedRebalancing(world: world, maxCopies: Int(maxCopies)).rebalance(old, for: table)
            certificates = try policy.certify(placement, for: table)
        }
        for index in placement.experts.indices { physicalToLogical[index] = Int64(placement.experts[index]) }
        for (layer, certificate) in certificates.enumerated() {
            balances?[layer] = certificate.balance
            bounds?[layer] = certificate.balanceBound
        }
    }
}
