import Timelines

/// The members of an object that has a breakdown of its time.
struct BreakdownJSON: Encodable {
    let spanNs, busyNs, idleNs, computeNs, communicationNs, memoryNs, overlapNs, exposedNs, waitingKernelsNs: Int64
    @OrNull var hiddenShare: Double?

    init(_ breakdown: TimeBreakdown) {
        spanNs = breakdown.span
        busyNs = breakdown.busy
        idleNs = breakdown.idle
        computeNs = breakdown.compute
        communicationNs = breakdown.communication
        memoryNs = breakdown.memory
        overlapNs = breakdown.overlap
        exposedNs = breakdown.exposed
        waitingKernelsNs = breakdown.waiting
        _hiddenShare = OrNull(wrappedValue: breakdown.hiddenShare)
    }
}
