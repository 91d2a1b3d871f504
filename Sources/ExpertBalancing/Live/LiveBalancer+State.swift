extension LiveBalancer {
    /// Everything that a checkpoint keeps of a balancer, so that a resumed run decides as an uninterrupted run.
    public struct State: Hashable, Sendable, Codable {
        /// A request with its loads. The plan is made again from the request.
        struct Request: Hashable, Sendable, Codable {
            var step: Int
            var isUrgent: Bool
            var placement: [Int32]
            var owners: [Int32]
            var windows: [[Double]]
            /// Whether the plan has been accepted.
            var isAccepted: Bool
        }

        var expertCount: Int
        var placement: [Int32]
        var owners: [Int32]
        var windows: [[Double]]
        var stepsSinceRequest: Int
        var lowSteps: Int
        var hasAnsweredLowBalance: Bool
        var request: Request?
    }

    /// The state between two steps. O(layers × (slots + interval × experts)).
    public var state: State {
        State(
            expertCount: placement.expertCount, placement: placement.experts, owners: owners.slots,
            windows: windows.map(\.values), stepsSinceRequest: stepsSinceRequest, lowSteps: lowSteps,
            hasAnsweredLowBalance: hasAnsweredLowBalance,
            request: request.map { request in
                State.Request(
                    step: request.step, isUrgent: request.reason == .lowBalance, placement: request.placement.experts,
                    owners: request.owners.slots, windows: request.windows.map(\.values), isAccepted: plan != nil)
            })
    }

    /// Creates the balancer of a checkpoint, with the same devices and settings as before. If a plan was being carried
    /// out, it is made again.
    ///
    /// - Throws: ``BalancingError``, ``PlacementError`` or ``ExpertLoadsError`` if the state is not one of a balancer with
    ///   these devices and settings.
    public init(resuming state: State, world: DeviceWorld, options: Options) throws {
        let experts = state.expertCount
        func placement(_ slots: [Int32]) throws -> Placement {
            try Placement(experts: slots, expertCount: experts, deviceOffsets: world.deviceOffsets)
        }
        let present = try placement(state.placement)
        try self.init(
            placement: present, owners: SlotOwners(state.owners, of: present), world: world, options: options)
        for loads in state.windows { try record(ExpertLoads(loads, expertCount: experts)) }
        stepsSinceRequest = state.stepsSinceRequest
        lowSteps = state.lowSteps
        hasAnsweredLowBalance = state.hasAnsweredLowBalance
        guard let request = state.request else { return }
        let start = try placement(request.placement)
        let live = LivePlanningRequest(
            step: request.step, reason: request.isUrgent ? .lowBalance : .interval, placement: start,
            owners: try SlotOwners(request.owners, of: start), world: world, options: options,
            windows: try request.windows.map { try ExpertLoads($0, expertCount: experts) })
        self.request = live
        if request.isAccepted { plan = try live.plan() }
    }
}
