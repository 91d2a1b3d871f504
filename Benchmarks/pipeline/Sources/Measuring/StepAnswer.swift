/// What a rank measured, one number a step where there is a list. Moments are nanoseconds of the machine's clock.
struct StepAnswer: Encodable {
    var starts: [Int64] = []
    var ends: [Int64] = []
    /// Processor seconds.
    var cpu: [Double] = []
    /// Seconds in which the rank waited for what others send.
    var waits: [Double] = []
    /// Seconds in calls that start a send or a receive.
    var transferCalls: [Double] = []
    /// Seconds of the sum of mirrored gradients, after the step.
    var reductions: [Double] = []
    /// Nanoseconds that kernels were asked to sleep, and did.
    var asked: Int64 = 0
    var taken: Int64 = 0
    /// Nanoseconds in which overlapped pairs exchanged, and the part of it in which they computed.
    var exchanged: Int64 = 0
    var hidden: Int64 = 0
    /// Actions of the rank in a step.
    var actions = 0
}
