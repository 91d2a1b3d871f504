/// Plans the experts of one node for ``OptimalPlanner``, on scratch memory that all layers share. Without groups, the
/// world is one node.
final class NodePlanner {
    /// The packing, which places duplicates only if they are necessary.
    let packing: LayerPacking
    /// The number of slots per device.
    let slotsPerDevice: ArraySlice<Int>
    /// The speed of each device.
    let speeds: ArraySlice<Double>
    /// The sum of the speeds of all devices with slots.
    let speed: Double
    /// The first of the node's slots.
    let firstSlot: Int
    /// Whether every device has the same speed and at most one slot, so that replica counts alone decide.
    let isSingle: Bool
    /// Whether every device has the same speed and two slots, so that ``PairedCounts`` applies.
    let isPaired: Bool
    /// The longest time of the last plan.
    private(set) var longestTime = 0.0

    private let allowsDuplicates: Bool
    private let effort: OptimalPolicy.Effort
    /// The packing that places duplicates freely, used only if duplicates are allowed.
    private let crowded: LayerPacking
    private var localSearch: LayerLocalSearch
    /// Empty unless every device has two slots.
    private var paired: PairedCounts
    /// Empty if there are too many placements.
    private var exact: ExactSearch
    private let exactBudget: ExactSearch.Budget
    /// The steps that are left for the layer.
    private var stepsLeft = 0
    /// Whether placements are searched, all or some of them.
    var isSearched: Bool { exactBudget.steps > 0 }
    /// Whether all placements can be searched.
    var isSmall: Bool { exactBudget.isExhaustive }

    init(
        experts: Int, world: DeviceWorld, devices: Range<Int>, allowsDuplicates: Bool, effort: OptimalPolicy.Effort
    ) {
        self.allowsDuplicates = allowsDuplicates
        self.effort = effort
        localSearchTolerance = effort == .quick || devices.count == world.deviceCount ? 1.004 : 1.0005
        slotsPerDevice = world.slotsPerDevice[devices]
        speeds = world.speeds[devices]
        packing = LayerPacking(experts: experts, slotsPerDevice: slotsPerDevice, speeds: speeds)
        crowded = LayerPacking(
            experts: experts, slotsPerDevice: slotsPerDevice, speeds: speeds, allowsDuplicates: true)
        localSearch = LayerLocalSearch(experts: experts, slotsPerDevice: slotsPerDevice, speeds: speeds)
        isSingle = packing.isSingle
        // With more devices than experts, an expert may have more replicas than devices if duplicates are allowed.
        isPaired = packing.isPaired && (!allowsDuplicates || 2 * experts > packing.slotCount)
        paired = PairedCounts(experts: isPaired ? experts : 0, devices: isPaired ? packing.slotCount / 2 : 0)
        firstSlot = world.slotsPerDevice[..<devices.lowerBound].reduce(0, +)
        speed = zip(slotsPerDevice, speeds).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        exactBudget = ExactSearch.budget(experts: experts, slotsPerDevice: slotsPerDevice, effort: effort)
        exact = ExactSearch(
            experts: exactBudget.steps > 0 ? experts : 0, slotsPerDevice: slotsPerDevice, speeds: speeds)
    }

    /// Prepares for the next layer.
    func beginLayer() { stepsLeft = exactBudget.steps }

    /// Whether the node may take the place of another one, because its devices are the same.
    func isEqual(to other: NodePlanner) -> Bool {
        slotsPerDevice.elementsEqual(other.slotsPerDevice) && speeds.elementsEqual(other.speeds)
    }

    /// Packs the loads in ``packing`` into `slots`, as indices of the node's experts.
    ///
    /// - Parameters:
    ///   - outerBound: A time at which the node may stop, because another node takes at least this long.
    ///   - start: Slots to start from; nil for a new packing.
    ///   - slots: The memory for the expert of each of the node's slots.
    /// - Returns: A lower bound on the longest time of the node's devices.
    func plan(outerBound: Double, from start: [Int32]?, slots: UnsafeMutableBufferPointer<Int32>) -> Double {
        var bound = packing.lowerBound(allowsDuplicates: allowsDuplicates)
        if isPaired, bound > 0 {
            bound = packing.improvePaired(
                &paired, bound: bound, effort: effort, allowsDuplicates: allowsDuplicates)
        } else if packing.begins(with: start) {
            packing.improveStart(target: max(bound, outerBound))
        } else {
            packing.improve(target: max(bound, outerBound))
        }
        packing.write(slots)
        longestTime = packing.longestTime()
        if isSingle { return longestTime }
        let target = max(bound, outerBound)
        guard target > 0 else { return bound }
        if longestTime > target * localSearchTolerance, !packing.allowsDuplicates, !isPaired {
            searchLocally(target: target, slots)
        }
        if longestTime > target * localSearchTolerance, !isPaired, allowsDuplicates {
            crowd(target: target, from: start, slots)
        }
        if isSmall
            ? longestTime > target * (1 + ExactSearch.precision)
            : !isPaired && longestTime > target * Self.exactTolerance
        {
            bound = searchExactly(bound, target, slots)
        }
        if allowsDuplicates, isSmall { avoidDuplicates(slots) }
        return bound
    }

    /// The factor over the target above which the local search and duplicates are tried.
    private let localSearchTolerance: Double
    /// The factor over the target above which a layer with too many placements is searched in part.
    private static let exactTolerance = 1.002

    /// Improves the slots by a local search. It counts the excess of all devices, so it can leave a local optimum of the
    /// exchanges.
    private func searchLocally(target: Double, _ slots: UnsafeMutableBufferPointer<Int32>) {
        var load = 0.0
        for expert in 0..<packing.experts { load += packing.weights[expert] }
        localSearch.begin(
            UnsafeBufferPointer(slots).span, loads: UnsafeBufferPointer(packing.weights.elements).span)
        localSearch.search(target: target, mean: load / speed, limit: .infinity)
        if localSearch.longestTime < longestTime {
            _ = slots.update(fromContentsOf: localSearch.expertAt.elements)
            longestTime = localSearch.longestTime
        }
    }

    /// Improves the slots by duplicates, from the slots themselves, from a new packing and from `start`.
    private func crowd(target: Double, from start: [Int32]?, _ slots: UnsafeMutableBufferPointer<Int32>) {
        for expert in 0..<packing.experts { crowded.weights[expert] = packing.weights[expert] }
        crowded.begin(UnsafeBufferPointer(slots).span)
        crowded.improveFurther(target: target)
        takeCrowded(slots)
        crowded.improve(target: target)
        takeCrowded(slots)
        guard let start, packing.hasDuplicates(start.span) else { return }
        crowded.begin(start.span)
        crowded.improveFurther(target: target)
        takeCrowded(slots)
    }

    private func takeCrowded(_ slots: UnsafeMutableBufferPointer<Int32>) {
        let time = crowded.longestTime()
        guard time < longestTime * (1 - ExactSearch.precision) else { return }
        crowded.write(slots)
        longestTime = time
    }

    /// Searches for the best placement, and returns a bound.
    private func searchExactly(
        _ bound: Double, _ target: Double, _ slots: UnsafeMutableBufferPointer<Int32>
    ) -> Double {
        guard stepsLeft > 0 else { return bound }
        let steps = stepsLeft
        exact.begin(UnsafeBufferPointer(packing.weights.elements))
        exact.allowsDuplicates = allowsDuplicates || packing.allowsDuplicates
        // The first limit may prove the optimum. Lower limits prove less in fewer steps.
        for part in [1, 0.5, 0.25] {
            let limit = (bound + (longestTime - bound) * part) * (1 - ExactSearch.precision)
            guard limit > bound else { return bound }
            let outcome = exact.search(limit: limit, target: target, steps: part == 1 ? steps / 2 : steps / 8)
            stepsLeft -= exact.stepsTaken
            if exact.longestTime < longestTime {
                longestTime = exact.longestTime
                exact.write(slots)
            }
            switch outcome {
            case .optimal: return longestTime
            case .reachedTarget: return bound
            case .impossible: return part == 1 ? longestTime : limit
            case .unfinished: continue
            }
        }
        return bound
    }

    /// Replaces a plan with duplicates by a plan without duplicates that takes no longer, if there is one.
    private func avoidDuplicates(_ slots: UnsafeMutableBufferPointer<Int32>) {
        guard stepsLeft > 0, longestTime > 0, !packing.allowsDuplicates,
            packing.hasDuplicates(UnsafeBufferPointer(slots).span)
        else { return }
        exact.begin(UnsafeBufferPointer(packing.weights.elements))
        exact.allowsDuplicates = false
        let limit = longestTime * (1 + ExactSearch.precision)
        _ = exact.search(limit: limit, target: limit, steps: stepsLeft)
        stepsLeft -= exact.stepsTaken
        if exact.longestTime <= limit {
            exact.write(slots)
            longestTime = exact.longestTime
        }
    }
}
