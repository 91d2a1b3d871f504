import Foundation

extension Double {
    /// The number of seconds in words, such as `1.4 s`, `12 s`, `3 min 5 s` or `2 h 7 min`.
    package var duration: String {
        if self >= 0.05, self < 9.95 { return "\(fixed(1)) s" }
        let seconds = Int(Swift.min(Swift.max(self, 0).rounded(), 1e15))
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }

    /// Returns the number with a fixed number of digits after the decimal point.
    package func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }

    /// The share in percent.
    var percent: String { String(format: "%.0f %%", 100 * self) }
}
