/// What makes one plan better than another: the first that differs. Times are nanoseconds.
struct OverlapScore: Comparable {
    var makespan: Int64 = 0
    var backwardEnd: Int64 = 0
    /// The ends of all segments of the backward, summed: earlier ones let the last come earlier.
    var backwardTimes: Int64 = 0
    var forwardEnd: Int64 = 0
    /// The ends of all segments of the forward, summed.
    var forwardTimes: Int64 = 0
    var weightDelay: Int64 = 0

    static func < (one: OverlapScore, two: OverlapScore) -> Bool {
        if one.makespan != two.makespan { return one.makespan < two.makespan }
        if one.backwardEnd != two.backwardEnd { return one.backwardEnd < two.backwardEnd }
        if one.backwardTimes != two.backwardTimes { return one.backwardTimes < two.backwardTimes }
        if one.forwardEnd != two.forwardEnd { return one.forwardEnd < two.forwardEnd }
        if one.forwardTimes != two.forwardTimes { return one.forwardTimes < two.forwardTimes }
        return one.weightDelay < two.weightDelay
    }
}
