import ExpertBalancing

/// Plans the replicas that a layer adds for one micro-batch. See `contraflow.h`.
@_cdecl("contraflow_plan_replicas")
public func contraflowPlanReplicas(
    _ slots: UnsafePointer<Int64>, _ slotsPerDevice: UnsafePointer<Int64>, _ devices: Int64,
    _ loads: UnsafePointer<Int64>, _ experts: Int64, _ slackMillionths: Int64,
    _ plannedSlots: UnsafeMutablePointer<Int64>, _ tokens: UnsafeMutablePointer<Int64>,
    _ tokenLimit: UnsafeMutablePointer<Int64>?, _ lowerBound: UnsafeMutablePointer<Int64>?,
    _ message: UnsafeMutablePointer<CChar>?, _ messageSize: Int64
) -> Int32 {
    CallStatus.of(message, messageSize) {
        let placement = try SlotTable.read(slots, slotsPerDevice, devices, experts)
        let counts = try (0..<Int(experts)).map { expert -> Int32 in
            guard let count = Int32(exactly: loads[expert]) else {
                throw CallError("loads[\(expert)] is \(loads[expert]): give 0 to \(Int32.max) tokens")
            }
            return count
        }
        var planner = ReplicaPlanner()
        let plan = try planner.plan(
            counts, on: ReplicaLayout(placement), slack: BalanceSlack(millionths: Int(slackMillionths)))
        for slot in 0..<placement.slotCount {
            plannedSlots[slot] = slots[slot]
            tokens[slot] = 0
        }
        for fetch in plan.fetches { plannedSlots[fetch.slot] = Int64(fetch.expert) }
        for share in plan.shares { tokens[share.slot] = Int64(share.tokens) }
        tokenLimit?.pointee = Int64(plan.tokenLimit)
        lowerBound?.pointee = Int64(plan.certificate.lowerBound)
    }
}
