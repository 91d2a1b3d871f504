/// The mode live. Every plan is accepted at once.
struct ReplayedBalancer: ReplayedMode {
    private var balancer: LiveBalancer
    /// The number of the step. The numbers of a history may repeat or begin late.
    private var step = 0

    init(_ balancer: LiveBalancer) { self.balancer = balancer }

    mutating func next(_ loads: LoadHistory.Step) throws -> ModeReplay.Step {
        step += 1
        let result = ModeReplay.Step(
            balances: balancer.placement.balances(in: loads, balancer.world, balancer.options.sharing),
            copies: balancer.migration(inStep: step)?.copies ?? [])
        balancer.finishMigration(ofStep: step)
        try balancer.record(loads.loads)
        if let request = balancer.planningRequest(step: step) { try balancer.accept(request.plan()) }
        return result
    }
}
