/// Nanoseconds as milliseconds with three decimals, which is microseconds; rounded half away from zero.
package func milliseconds(_ nanoseconds: Int64) -> String {
    let microseconds = (nanoseconds.magnitude + 500) / 1000
    let fraction = String(microseconds % 1000)
    let zeros = String(repeating: "0", count: 3 - fraction.count)
    return "\(nanoseconds < 0 && microseconds > 0 ? "-" : "")\(microseconds / 1000).\(zeros)\(fraction)"
}

/// A share of 0 to 1 in percent with two decimals; a dash if there is none.
package func percentage(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "-" }
    let hundredths = Int((share.magnitude * 10_000).rounded())
    let fraction = hundredths % 100
    return "\(share < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
