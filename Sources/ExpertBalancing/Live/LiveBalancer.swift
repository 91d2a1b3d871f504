/// The decisions of mode live: when to plan a new placement, and which copies belong to which step.
///
/// The balancer has no clock, thread or file. All ranks that make the same calls have the same placement after every
/// step. A training loop calls it in this order for each step:
///
/// 1. ``migration(inStep:)`` returns the copies to make beside the step's computation.
/// 2. ``finishMigration(ofStep:)`` lets the slots take over the copies. The copies have the values before the step's update,
///    so the slots take them over after the step's last gradient and before the update, which the new owners make.
/// 3. ``record(_:)`` takes the loads of the step, summed over micro-batches and ranks.
/// 4. ``planningRequest(step:)`` returns a request if it is time for a plan. A thread makes the plan, and
///    ``accept(_:)`` takes it before the request's ``LivePlanningRequest/startStep``. ``abandonPlan()`` gives it up.
///
/// A plan is made every ``Options/interval`` steps, and at once if the balance falls below ``Options/minimumBalance``.
public struct LiveBalancer: Sendable {
    /// The devices.
    public let world: DeviceWorld
    /// The settings.
    public let options: Options
    /// The present placement.
    public private(set) var placement: Placement
    /// The present owners.
    public private(set) var owners: SlotOwners
    /// The request of the plan that is being made or carried out; nil if there is none.
    public internal(set) var request: LivePlanningRequest?
    /// The plan that is being carried out; nil if there is none.
    public internal(set) var plan: LivePlan?

    /// The loads of the recent steps, the newest last.
    var windows: [ExpertLoads] = []
    /// The number of steps since the last request, or since the first step.
    var stepsSinceRequest = 0
    /// The number of consecutive steps up to the last one whose balance was below the bound.
    var lowSteps = 0
    /// Whether a plan has already been requested because of the present low balance.
    var hasAnsweredLowBalance = false

    /// Creates a balancer that starts from a placement.
    ///
    /// - Parameters:
    ///   - placement: The placement, without empty slots.
    ///   - owners: The owners; nil to choose them.
    ///   - world: The devices, with the slots of the placement.
    ///   - options: The settings.
    /// - Throws: ``BalancingError`` if the placement has empty slots or other devices than the world, if owners are not
    ///   those of the placement, or if a setting is out of range.
    public init(
        placement: Placement, owners: SlotOwners? = nil, world: DeviceWorld, options: Options = Options()
    ) throws(BalancingError) {
        guard placement.deviceOffsets == world.deviceOffsets else {
            throw BalancingError(
                "the placement has \(placement.slotsPerDevice) slots per device, and the devices have "
                    + "\(world.slotsPerDevice): give a placement for these devices")
        }
        guard !placement.experts.contains(Placement.emptySlot) else {
            throw BalancingError("the placement has empty slots: fill them, for example with an expert of their device")
        }
        try options.check()
        self.world = world
        self.options = options
        self.placement = placement
        if let owners {
            self.owners = try SlotOwners(owners.slots, of: placement)
        } else {
            self.owners = SlotOwners(placement)
        }
    }

    /// Takes the loads of a step.
    ///
    /// - Parameter loads: The tokens of each expert, summed over the micro-batches and all ranks: `layers × experts`.
    /// - Throws: ``BalancingError`` if the number of loads is wrong; ``ExpertLoadsError`` if a load is negative.
    /// - Complexity: O(layers × slots); with the best split of tokens and a low balance, that of ``TokenSplit`` for all
    ///   layers.
    public mutating func record(_ loads: [Int]) throws {
        try record(ExpertLoads(loads.map(Double.init), expertCount: placement.expertCount))
    }

    /// Takes the loads of a step; see ``record(_:)``.
    mutating func record(_ loads: ExpertLoads) throws {
        guard loads.layerCount == placement.layerCount, loads.expertCount == placement.expertCount else {
            throw BalancingError(
                "there are loads of \(loads.layerCount.counted("layer")) of \(loads.expertCount.counted("expert")): give "
                    + "\(placement.layerCount) of \(placement.expertCount)")
        }
        windows.append(loads)
        if windows.count > options.historyLength { windows.removeFirst() }
        stepsSinceRequest += 1
        lowSteps = isLow(loads) ? lowSteps + 1 : 0
        if lowSteps == 0 { hasAnsweredLowBalance = false }
    }

    /// Returns whether the mean balance of the layers is below the bound.
    private func isLow(_ loads: ExpertLoads) -> Bool {
        // The best split takes no longer than equal shares, so that balanced steps need no split.
        guard placement.meanBalance(for: loads, in: world, .equal) < options.minimumBalance else { return false }
        return options.sharing == .equal
            || placement.meanBalance(for: loads, in: world, options.sharing) < options.minimumBalance
    }

    /// Returns a request if it is time for a plan and no other plan is being made or carried out.
    ///
    /// - Parameter step: The step whose loads were recorded last.
    public mutating func planningRequest(step: Int) -> LivePlanningRequest? {
        guard request == nil, !windows.isEmpty else { return nil }
        let isConfirmed = lowSteps >= options.confirmingSteps
        // A low balance that is not confirmed yet may be a change of loads, for which the interval's plan would be made
        // too early.
        let isDue = stepsSinceRequest >= options.interval && (lowSteps == 0 || isConfirmed)
        let isUrgent = isConfirmed && !hasAnsweredLowBalance
        guard isDue || isUrgent else { return nil }
        if isConfirmed { hasAnsweredLowBalance = true }
        stepsSinceRequest = 0
        request = LivePlanningRequest(
            step: step, reason: isUrgent ? .lowBalance : .interval, placement: placement, owners: owners, world: world,
            options: options, windows: windows)
        return request
    }

    /// Takes the plan of the last request, before the plan's first step.
    ///
    /// - Throws: ``BalancingError`` if the plan belongs to another request.
    public mutating func accept(_ plan: LivePlan) throws(BalancingError) {
        guard let request, self.plan == nil, plan.step == request.step, plan.startStep == request.startStep,
            plan.placement.deviceOffsets == placement.deviceOffsets, plan.layers.count == placement.layerCount
        else {
            throw BalancingError(
                "the plan of step \(plan.step) is not the one that was requested: give the plan of the last request")
        }
        guard !plan.migrations.isEmpty else { return abandonPlan() }
        self.plan = plan
    }

    /// Gives up a plan that has not been accepted. The placement stays as it is until the next request.
    public mutating func abandonPlan() {
        guard plan == nil else { return }
        request = nil
    }

    /// Returns the copies to make in a step; nil if there are none. O(1).
    public func migration(inStep step: Int) -> MigrationPlan? { plan?.migration(inStep: step) }

    /// Lets the slots take over the copies of a step, at the end of the step.
    ///
    /// - Returns: The layers whose slots or owners have changed, in ascending order.
    /// - Complexity: O(layers × slots).
    @discardableResult
    public mutating func finishMigration(ofStep step: Int) -> [Int] {
        guard let plan, let migration = plan.migration(inStep: step) else { return [] }
        var experts = placement.experts
        var slots = owners.slots
        for copy in migration.copies {
            experts[copy.layer * placement.slotCount + copy.slot] = Int32(truncatingIfNeeded: copy.expert)
            guard copy.content.contains(.state) else { continue }
            slots[copy.layer * placement.expertCount + copy.expert] = Int32(truncatingIfNeeded: copy.slot)
        }
        placement = Placement(
            checkedExperts: experts, expertCount: placement.expertCount, deviceOffsets: placement.deviceOffsets)
        owners = SlotOwners(checkedSlots: slots, expertCount: placement.expertCount)
        if step == plan.startStep + plan.migrations.count - 1 {
            self.plan = nil
            request = nil
        }
        return Set(migration.copies.map(\.layer)).sorted()
    }
}
