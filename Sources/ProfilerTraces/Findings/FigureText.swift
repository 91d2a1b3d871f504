import Timelines

/// The text of a time in milliseconds with three decimals, rounded half away from zero.
package func milliseconds(_ nanoseconds: Int64) -> String {
    let microseconds = Int64((nanoseconds.magnitude + 500) / 1000)
    return (nanoseconds < 0 ? -microseconds : microseconds).withDecimals(3)
}

/// The text of a share, 0 to 1, in percent with two decimals; a dash if the share is nil or not finite.
package func percentage(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "-" }
    return Int64((share * 10_000).rounded()).withDecimals(2)
}
