import ExpertBalancing
import TestSupport
import Testing

/// Copies from a current placement to a new one, for random loads, devices and modes.
@Suite struct MigrationReplayTests {
    /// The modes in which a placement replaces another one.
    enum Mode: CaseIterable {
        case plain, hierarchical, deepSeek, maxCopies, payback, joint, locality, incremental, unequalSlots,
            failedDevice
    }

    private struct Setting {
        var world: DeviceWorld
        var groups: Int?
        var experts: Int
    }

    private func setting(_ mode: Mode, _ random: inout SeededGenerator) throws -> Setting {
        let devices = 2 * Int.random(in: 1...4, using: &random)
        let perDevice = Int.random(in: 1...5, using: &random)
        switch mode {
        case .hierarchical, .locality, .deepSeek:
            let world = try DeviceWorld(slotCount: devices * (perDevice + 1), deviceCount: devices, nodeCount: 2)
            return Setting(world: world, groups: 4, experts: max(4, devices * perDevice / 4 * 4))
        case .unequalSlots, .failedDevice:
            var slots = (0..<devices).map { _ in Int.random(in: 1...5, using: &random) }
            if mode == .failedDevice { slots[Int.random(in: 1..<devices, using: &random)] = 0 }
            let speeds = slots.map { _ in Bool.random(using: &random) ? 1 : 0.5 }
            let total = slots.reduce(0, +)
            return Setting(
                world: try DeviceWorld(slotsPerDevice: slots, speeds: speeds),
                experts: Int.random(in: max(1, total / 2)...total, using: &random))
        default:
            let total = devices * perDevice
            return Setting(
                world: try DeviceWorld(slotCount: total, deviceCount: devices),
                experts: Int.random(in: max(1, total / 2)...total, using: &random))
        }
    }

    /// Returns a random placement. A device may hold an expert twice.
    private func placement(_ setting: Setting, layers: Int, _ random: inout SeededGenerator) throws -> Placement {
        let slots = setting.world.slotCount
        let rows = (0..<layers).flatMap { _ -> [Int32] in
            let more = (setting.experts..<slots).map { _ in Int32.random(in: 0..<Int32(setting.experts), using: &random)
            }
            return ((0..<Int32(setting.experts)) + more).shuffled(using: &random)
        }
        return try Placement(experts: rows, expertCount: setting.experts, deviceOffsets: setting.world.deviceOffsets)
    }

    private func replanned(
        _ mode: Mode, _ setting: Setting, from old: Placement, _ random: inout SeededGenerator
    ) throws -> Placement {
        func loads() throws -> ExpertLoads { try random.loads(layers: old.layerCount, experts: setting.experts) }
        var request = PlacementRequest([try loads()], world: setting.world)
        request.current = old
        request.groupCount = setting.groups
        request.noise = nil
        switch mode {
        case .deepSeek: request.policyName = DeepSeekPolicy.name
        case .maxCopies, .unequalSlots: request.maxCopies = Int.random(in: 0...old.experts.count, using: &random)
        case .payback: request.payback = PaybackRule(stepSeconds: 0.1, steps: 1000, copySeconds: 0.01)
        case .joint: request.workloads.append(try loads())
        case .locality: request.maxRemoteShare = 0.2
        case .incremental:
            var planner = try IncrementalPlanner(world: setting.world, expertCount: setting.experts)
            let rows = try (0..<old.layerCount).map { layer in
                var slots = Array(old.experts(ofLayer: layer))
                _ = try planner.replan(&slots, for: request.workloads[0][layer: layer])
                return slots
            }
            return try Placement(
                experts: rows.flatMap(\.self), expertCount: setting.experts, deviceOffsets: old.deviceOffsets)
        case .plain, .hierarchical, .failedDevice: break
        }
        let new = try request.plan().placement
        if let limit = request.maxCopies {
            #expect(MigrationPlan(from: old, to: new).copies.count <= limit)
        }
        return new
    }

    @Test(
        "The copies give the new placement slot by slot, and an expert that stays on its device keeps its slot",
        arguments: Mode.allCases)
    func copiesReplayExactly(mode: Mode) throws {
        var random = SeededGenerator(31)
        for _ in 0..<60 {
            let setting = try setting(mode, &random)
            let old = try placement(setting, layers: 2, &random)
            let new = try replanned(mode, setting, from: old, &random)
            let plan = MigrationPlan(from: old, to: new)
            #expect(try plan.applied(to: old) == new)
            #expect(plan.copies.count == zip(old.experts, new.experts).count { $0 != $1 })
            for layer in 0..<old.layerCount {
                let (before, after) = (Array(old.experts(ofLayer: layer)), Array(new.experts(ofLayer: layer)))
                for device in 0..<old.deviceCount {
                    let slots = old.slots(ofDevice: device)
                    for expert in Set(before[slots]).intersection(after[slots]) {
                        let kept = slots.count { before[$0] == expert && after[$0] == expert }
                        let most = min(slots.count { before[$0] == expert }, slots.count { after[$0] == expert })
                        #expect(kept == most, "\(mode): expert \(expert) left its slot on device \(device)")
                    }
                }
            }
        }
    }

    @Test("A swap and its reverse on the way to a balance leave every kept expert in its slot")
    func keptExpertsKeepTheirSlots() throws {
        let world = try DeviceWorld(slotCount: 6, deviceCount: 3)
        let old = try OptimalPolicy(world: world).plan(ExpertLoads([723, 376, 491, 623], expertCount: 4)).placement
        var request = PlacementRequest([try ExpertLoads([743, 498, 183, 37], expertCount: 4)], world: world)
        request.current = old
        request.maxCopies = 6
        request.noise = nil
        let new = try request.plan().placement
        let plan = MigrationPlan(from: old, to: new)
        #expect(try plan.applied(to: old) == new)
        #expect(plan.copies.allSatisfy { $0.source != $0.target })
    }

    @Test("A second slot of an expert on its device is a copy from the device to itself")
    func duplicatesAreLocalCopies() throws {
        let old = try Placement(layers: [[0, 1, 2, 3]], expertCount: 4, deviceCount: 2)
        let new = try Placement(layers: [[0, 0, 1, 2, 3, 3]], expertCount: 4, deviceCount: 2)
        let wide = try Placement(layers: [[0, 1, 1, 2, 3, 2]], expertCount: 4, deviceCount: 2)
        #expect(old.keepingSlots(of: old) == old)
        let plan = MigrationPlan(from: wide, to: new.keepingSlots(of: wide))
        #expect(plan.copies.map { [$0.source, $0.target, $0.expert, $0.slot] } == [[0, 0, 0, 1], [1, 1, 3, 5]])
        #expect(plan.bytesPerLink(expertBytes: 1).reduce(0, +) == 0)
    }

    @Test("A budget for all copies of a new plan reaches the balance of the plan")
    func largeBudgetsReachTheNewPlan() throws {
        var random = SeededGenerator(34)
        let world = try DeviceWorld(slotCount: 18, deviceCount: 6)
        for _ in 0..<30 {
            var request = PlacementRequest([try random.loads(layers: 3, experts: 14)], world: world)
            request.current = try OptimalPolicy(world: world).plan(random.loads(layers: 3, experts: 14)).placement
            request.noise = nil
            let free = try PlacementComparison(request)
            let copies = try #require(free.migration).copies.count
            for budget in [copies, copies + 1, 1000] {
                request.maxCopies = budget
                let limited = try PlacementComparison(request)
                #expect(try #require(limited.migration).copies.count <= budget)
                #expect(limited.plan.balance >= free.plan.balance - 1e-12)
            }
        }
    }

    @Test("Devices may change their numbers of slots, and devices without slots send nothing")
    func devicesChangeTheirSlots() throws {
        var random = SeededGenerator(33)
        for _ in 0..<100 {
            let sizes = (0..<2).map { _ in (0..<4).map { _ in Int.random(in: 3...6, using: &random) } }
            let failed = Int.random(in: 0..<4, using: &random)
            let worlds = try sizes.enumerated().map { index, slots in
                var slots = slots
                if index == 1 { slots[failed] = 0 }
                return try DeviceWorld(slotsPerDevice: slots)
            }
            let old = try OptimalPolicy(world: worlds[0]).plan(random.loads(layers: 2, experts: 9)).placement
            var request = PlacementRequest([try random.loads(layers: 2, experts: 9)], world: worlds[1])
            request.current = old
            let comparison = try PlacementComparison(request)
            let new = comparison.plan.placement
            let plan = try #require(comparison.migration)
            #expect(try #require(comparison.baseline).balance <= 1)
            var slots = old.experts(inSlotsOf: new)
            for copy in plan.copies {
                #expect(copy.source != failed && copy.target != failed)
                let row = Array(old.experts(ofLayer: copy.layer))
                #expect(row[old.slots(ofDevice: copy.source)].contains(Int32(copy.expert)))
                slots[copy.layer * new.slotCount + copy.slot] = Int32(copy.expert)
            }
            for restore in plan.restores {
                let row = Array(old.experts(ofLayer: restore.layer))
                let holders = (0..<4).filter { row[old.slots(ofDevice: $0)].contains(Int32(restore.expert)) }
                #expect(holders == [failed])
                slots[restore.layer * new.slotCount + restore.slot] = Int32(restore.expert)
            }
            #expect(slots == new.experts)
        }
    }

    @Test("Copies that start from another placement are refused")
    func otherStartsAreRefused() throws {
        let old = try Placement(layers: [[0, 1]], expertCount: 2, deviceCount: 2)
        let new = try Placement(layers: [[1, 0]], expertCount: 2, deviceCount: 2)
        let plan = MigrationPlan(from: old, to: new)
        #expect(try plan.applied(to: old) == new)
        #expect(throws: BalancingError.self) { try plan.applied(to: new) }
    }

    @Test("DeepSeek's maps list each expert's replicas in the order of their creation, also in other slots")
    func deepSeekMapsKeepTheirOrder() throws {
        var random = SeededGenerator(32)
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4)
        for _ in 0..<20 {
            var request = PlacementRequest([try random.loads(layers: 2, experts: 12)], world: world)
            request.policyName = DeepSeekPolicy.name
            let maps = try DeepSeekPolicy(slotCount: 24, groupCount: 1, nodeCount: 1, deviceCount: 4)
                .plan(request.workloads[0])
            #expect(try PlacementComparison(request).maps == maps)
            request.current = try OptimalPolicy(world: world).plan(random.loads(layers: 2, experts: 12)).placement
            let moved = try PlacementComparison(request)
            #expect(moved.maps.physicalToLogical == moved.plan.placement.experts)
            #expect(moved.maps.replicaCounts == maps.replicaCounts)
            // Each replica is on the same device as before.
            let devices = maps.logicalToPhysical.map { $0 < 0 ? -1 : $0 / 6 }
            #expect(moved.maps.logicalToPhysical.map { $0 < 0 ? -1 : $0 / 6 } == devices)
        }
    }

    @Test("Unequal devices on which some counts fit only with duplicates are filled completely")
    func unequalDevicesAreFilled() throws {
        var random = SeededGenerator(33)
        for _ in 0..<300 {
            let slots = (0..<Int.random(in: 1...6, using: &random)).map { _ in Int.random(in: 0...6, using: &random) }
            let total = slots.reduce(0, +)
            guard total > 0 else { continue }
            let experts = Int.random(in: max(1, total / 2)...total, using: &random)
            let loads = try random.loads(layers: 1, experts: experts)
            let plan = try OptimalPolicy(world: DeviceWorld(slotsPerDevice: slots)).plan(loads).placement
            let again = try Placement(
                experts: plan.experts, expertCount: experts, deviceOffsets: plan.deviceOffsets)
            #expect(!again.experts.contains(Placement.emptySlot))
        }
    }
}
