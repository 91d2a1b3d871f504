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

    static func < (one: OverlapScore, two: OverlapScore) -> Bool { one.parts < two.parts }

    private var parts: (Int64, Int64, Int64, Int64, Int64, Int64) {
        (makespan, backwardEnd, backwardTimes, forwardEnd, forwardTimes, weightDelay)
    }
}
