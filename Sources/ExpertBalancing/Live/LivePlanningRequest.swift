/// Everything that a plan of mode live depends on. A thread beside training makes the plan.
public struct LivePlanningRequest: Hashable, Sendable {
    /// The reasons for a plan.
    public enum Reason: String, Hashable, Sendable {
        /// The interval since the last plan has ended.
        case interval
        /// The balance has fallen below the bound.
        case lowBalance
    }

    /// The step after which the plan is requested.
    public let step: Int
    /// The reason for the plan.
    public let reason: Reason
    /// The placement to start from.
    public let placement: Placement
    /// The owners to start from.
    public let owners: SlotOwners
    /// The devices.
    public let world: DeviceWorld
    /// The settings.
    public let options: LiveBalancer.Options
    /// The loads of the recent steps, the newest last: at least one.
    let windows: [ExpertLoads]

    /// The step in which the plan's first copies are made. The plan is needed before this step.
    public var startStep: Int { step + options.planningSteps }

    /// Makes the plan.
    ///
    /// The forecast is scaled to the number of steps whose sum has its sampling noise, because the noise rule takes loads
    /// for counts. Of all changes, those with the largest gain per copy are chosen, as ``BudgetedRebalancing`` does. Every
    /// change is tried on the steps that the forecast counts.
    ///
    /// - Throws: ``BalancingError`` or ``ExpertLoadsError`` if sums of loads exceed ``ExpertLoads/limit``.
    /// - Complexity: The time of a plan of ``OptimalPolicy`` and of ``BudgetedRebalancing``.
    public func plan() throws -> LivePlan {
        let forecast =
            options.forecast
            ?? Forecast.backtested(on: windows[...], candidates: options.candidates, margin: 0.1)
        let next = forecast.next(after: windows[...])
        let steps = forecast.effectiveWindows(of: windows.count)
        let loads = try ExpertLoads(next.map { $0 * steps }, expertCount: placement.expertCount)
        let rebalancing = BudgetedRebalancing(
            world: world, maxCopies: options.maxCopies ?? placement.experts.count, noise: options.noise,
            payback: payback(for: next), goal: options.targetBalance)
        let fresh = try OptimalPolicy(world: world).plan(loads).placement.relabelled(closestTo: placement, in: world)
        let parts = try parts(of: Int(steps.rounded(.up)))
        let new = try rebalancing.rebalance(
            placement, for: loads, fresh: fresh,
            triedOn: Backtest(windows: parts[...], world: world, sharing: options.sharing), owners: owners)
        return LivePlan(self, to: new, for: loads, forecast)
    }

    /// Returns the loads of the last `count` steps as at most four windows, the newest last.
    private func parts(of count: Int) throws(ExpertLoadsError) -> [ExpertLoads] {
        let recent = windows.suffix(max(count, 1))
        let partCount = min(4, recent.count)
        var parts: [ExpertLoads] = []
        for part in 0..<partCount {
            let start = recent.startIndex + recent.count * part / partCount
            let end = recent.startIndex + recent.count * (part + 1) / partCount
            parts.append(try LoadStream(Array(recent[start..<end])).total())
        }
        return parts
    }

    /// Returns the rule that weighs copies against the time that they save in an interval with the given loads per step.
    private func payback(for loads: [Double]) -> PaybackRule? {
        guard let costs = options.costs else { return nil }
        let layers = placement.layerCount
        let loaded = (0..<layers).count { layer in
            loads[layer * placement.expertCount..<(layer + 1) * placement.expertCount].contains { $0 > 0 }
        }
        // The rule divides the seconds equally among all layers, but only layers with load have any.
        let tokens = loads.reduce(0, +) / Double(max(loaded, 1)) * Double(layers)
        return PaybackRule(
            stepSeconds: tokens / world.totalSpeed * costs.secondsPerToken, steps: Double(options.interval),
            copySeconds: costs.secondsPerCopy, stateSeconds: costs.secondsPerState)
    }
}
