/// The measurements of a rank. Lists have one number per step. Moments are nanoseconds of the machine's clock.
struct StepAnswer: Encodable {
    var starts: [Int64] = []
    var ends: [Int64] = []
    /// Processor seconds.
    var cpu: [Double] = []
    /// Seconds of waiting for values from other ranks.
    var waits: [Double] = []
    /// Seconds in calls that start a send or a receive.
    var transferCalls: [Double] = []
    /// Seconds of the sum of mirrored gradients, after the step.
    var reductions: [Double] = []
    /// The nanoseconds that kernels were asked to sleep.
    var asked: Int64 = 0
    /// The nanoseconds that kernels slept.
    var taken: Int64 = 0
    /// The nanoseconds in which overlapped pairs exchanged.
    var exchanged: Int64 = 0
    /// The part of ``exchanged`` in which the pairs computed.
    var hidden: Int64 = 0
    /// The number of the rank's actions per step.
    var actions = 0
}
