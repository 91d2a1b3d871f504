/// The criteria by which plans are compared, most important first. Times are in nanoseconds.
struct OverlapScore: Comparable {
    var makespan: Int64 = 0
    var backwardEnd: Int64 = 0
    /// The sum of the ends of all backward segments. It guides the search: earlier segments allow an earlier end of the
    /// last one.
    var backwardTimes: Int64 = 0
    var forwardEnd: Int64 = 0
    /// The sum of the ends of all forward segments.
    var forwardTimes: Int64 = 0
    var weightDelay: Int64 = 0

    static func < (one: OverlapScore, two: OverlapScore) -> Bool { one.parts < two.parts }

    private var parts: (Int64, Int64, Int64, Int64, Int64, Int64) {
        (makespan, backwardEnd, backwardTimes, forwardEnd, forwardTimes, weightDelay)
    }
}
