import ExpertBalancing

/// Random migrations, and whether their copies give the new placement slot by slot.
extension Benchmark {
    static func migrations(_ count: Int) throws {
        var random = SplitMix64(state: 11)
        var exact: [String: Int] = [:]
        var total: [String: Int] = [:]
        var copies: [String: Int] = [:]
        for index in 0..<count {
            let (mode, old, new) = try migration(index, &random)
            let plan = MigrationPlan(from: old, to: new)
            let keepsSlots = plan.copies.allSatisfy { copy in
                copy.source != copy.target || isSecondSlot(copy, from: old, to: new)
            }
            total[mode, default: 0] += 1
            copies[mode, default: 0] += plan.copies.count
            if try plan.applied(to: old) == new, keepsSlots { exact[mode, default: 0] += 1 }
        }
        header(["mode", "migrations", "exact", "copies"])
        for mode in total.keys.sorted() {
            row([mode, "\(total[mode] ?? 0)", "\(exact[mode] ?? 0)", "\(copies[mode] ?? 0)"])
        }
        row(["all", "\(count)", "\(exact.values.reduce(0, +))", "\(copies.values.reduce(0, +))"])
        print("")
    }

    /// Whether a copy from a device to itself gives an expert more slots there than before.
    private static func isSecondSlot(_ copy: ExpertCopy, from old: Placement, to new: Placement) -> Bool {
        func slots(_ placement: Placement) -> Int {
            let row = placement.experts(ofLayer: copy.layer)
            return placement.slots(ofDevice: copy.target).count { row[row.startIndex + $0] == copy.expert }
        }
        return slots(new) > slots(old)
    }

    /// Returns a random placement and the placement that replaces it.
    private static func migration(
        _ index: Int, _ random: inout SplitMix64
    ) throws -> (mode: String, old: Placement, new: Placement) {
        let nodes = index % 3 == 0 ? 2 : 1
        let devices = nodes * Int.random(in: 1...6, using: &random)
        let perDevice = Int.random(in: 1...6, using: &random)
        let groups = nodes == 2 ? 2 * Int.random(in: 1...2, using: &random) : nil
        var slots = [Int](repeating: perDevice, count: devices)
        if nodes == 1 {
            for device in slots.indices where index % 4 == 1 { slots[device] = Int.random(in: 0...6, using: &random) }
            if slots.allSatisfy({ $0 == 0 }) { slots[0] = 1 }
        }
        let world = try DeviceWorld(slotsPerDevice: slots, nodeCount: nodes)
        let least = max(1, world.slotCount / 2)
        var experts = Int.random(in: least...world.slotCount, using: &random)
        if let groups { experts = max(groups, experts / groups * groups) }
        guard experts <= world.slotCount else { return try migration(index, &random) }
        func loads() throws -> ExpertLoads {
            try ExpertLoads((0..<experts).map { _ in (1000 * random.gamma(0.8)).rounded() }, expertCount: experts)
        }
        let extra = (experts..<world.slotCount).map { _ in Int32.random(in: 0..<Int32(experts), using: &random) }
        let start = ((0..<Int32(experts)) + extra).shuffled(using: &random)
        var old = try Placement(experts: start, expertCount: experts, deviceOffsets: world.deviceOffsets)
        if index.isMultiple(of: 2), groups == nil { old = try OptimalPolicy(world: world).plan(loads()).placement }
        var request = PlacementRequest([try loads()], world: world)
        request.current = old
        request.groupCount = groups
        request.noise = nil
        let modes =
            groups == nil
            ? ["plain", "max copies", "payback", "joint", "incremental", "deepseek"]
            : [
                "hierarchical", "locality", "deepseek, hierarchical",
            ]
        let mode = modes[index / 3 % modes.count]
        switch mode {
        case "max copies": request.maxCopies = Int.random(in: 0...world.slotCount, using: &random)
        case "payback": request.payback = PaybackRule(stepSeconds: 0.1, steps: 100, copySeconds: 0.01)
        case "joint": request.workloads.append(try loads())
        case "locality": request.maxRemoteShare = 0.1
        case "deepseek", "deepseek, hierarchical":
            guard world.isUniform else { return try migration(index + 1, &random) }
            request.policyName = DeepSeekPolicy.name
        case "incremental":
            var planner = try IncrementalPlanner(world: world, expertCount: experts)
            var row = old.experts
            _ = try planner.replan(&row, for: request.workloads[0][layer: 0])
            return (mode, old, try Placement(experts: row, expertCount: experts, deviceOffsets: world.deviceOffsets))
        default: break
        }
        return (mode, old, try request.plan().placement)
    }
}
