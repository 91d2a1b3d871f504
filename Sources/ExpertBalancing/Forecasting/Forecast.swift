/// A method that predicts the loads of the next window from earlier windows.
public enum Forecast: Hashable, Sendable, CustomStringConvertible {
    /// The loads of the last window.
    case last
    /// The mean of the last `windows` windows.
    case mean(windows: Int)
    /// An average in which the weight of each window is `decay` times the weight of the next newer window. The factor
    /// is at least 0 and below 1.
    case exponential(decay: Double)
    /// A least-squares line through the last `windows` windows, evaluated at the next window.
    case trend(windows: Int)

    /// The forecasts that a backtest chooses from.
    public static let candidates: [Forecast] = [
        .last, .mean(windows: 4), .mean(windows: 16), .exponential(decay: 0.5), .exponential(decay: 0.8),
        .exponential(decay: 0.95), .trend(windows: 8),
    ]

    /// A short name, such as `mean-4`.
    public var description: String {
        switch self {
        case .last: "last"
        case .mean(let windows): "mean-\(windows)"
        case .exponential(let decay): "exponential-\(decay)"
        case .trend(let windows): "trend-\(windows)"
        }
    }

    /// Creates the forecast with the given name; nil if the name is unknown or its number is out of range.
    public init?(_ name: String) {
        let parts = name.split(separator: "-", maxSplits: 1)
        let number = parts.count > 1 ? String(parts[1]) : nil
        switch parts.first {
        case "last" where number == nil: self = .last
        case "mean":
            guard let windows = number.flatMap({ Int($0) }), (1...10_000).contains(windows) else { return nil }
            self = .mean(windows: windows)
        case "trend":
            guard let windows = number.flatMap({ Int($0) }), (2...10_000).contains(windows) else { return nil }
            self = .trend(windows: windows)
        case "exponential":
            guard let decay = number.flatMap({ Double($0) }), decay >= 0, decay < 1 else { return nil }
            self = .exponential(decay: decay)
        default: return nil
        }
    }

    /// Returns the weights of the last windows of `count`, the oldest first. The weights add up to 1.
    private func weights(of count: Int) -> [Double] {
        switch self {
        case .last: return [1]
        case .mean(let windows):
            let used = min(max(windows, 1), count)
            return [Double](repeating: 1 / Double(used), count: used)
        case .exponential(let decay):
            var weights: [Double] = []
            var weight = 1.0
            // The forecast ignores windows with a weight of 1e-4 or less.
            while weights.count < count, weight > 1e-4 {
                weights.append(weight)
                weight *= decay
            }
            let sum = weights.reduce(0, +)
            return weights.reversed().map { $0 / sum }
        case .trend(let windows):
            let used = min(max(windows, 2), count)
            guard used > 1 else { return [1] }
            let points = Double(used)
            let middle = (points - 1) / 2
            let spread = (points * points - 1) * points / 12
            // The line's value one window after the last is a weighted sum of the windows.
            return (0..<used).map { 1 / points + (Double($0) - middle) * (points - middle) / spread }
        }
    }

    /// Returns the expected loads of the window after `history`: `layers × experts`.
    ///
    /// - Parameter history: At least one window, the oldest first.
    /// - Precondition: `history` is not empty.
    /// - Complexity: O(windows used × layers × experts).
    public func next(after history: ArraySlice<ExpertLoads>) -> [Double] {
        precondition(!history.isEmpty, "a forecast needs at least one window")
        let weights = weights(of: history.count)
        var result = [Double](repeating: 0, count: history[history.endIndex - 1].values.count)
        for (window, weight) in zip(history.suffix(weights.count), weights) {
            window.values.withUnsafeBufferPointer { values in
                for index in result.indices { result[index] += weight * values[index] }
            }
        }
        // Only the line can fall below 0.
        if case .trend = self { result = result.map { max(0, $0) } }
        return result
    }

    /// Returns the number of windows whose mean has the same sampling noise as the forecast from `count` windows. For
    /// the weights w of the windows, it is 1 / Σ w².
    func effectiveWindows(of count: Int) -> Double { 1 / weights(of: count).reduce(0) { $0 + $1 * $1 } }

    /// Returns the candidate that would have predicted the last windows of `history` with the least sum of absolute
    /// errors.
    ///
    /// - Parameters:
    ///   - history: The windows so far, the oldest first. With fewer than two, the result is ``last``.
    ///   - candidates: The forecasts to compare.
    ///   - depth: The number of windows to predict.
    ///   - margin: The fraction by which a later candidate's errors must be less than those of the best before it.
    /// - Complexity: O(depth × candidates × windows used × layers × experts).
    public static func backtested(
        on history: ArraySlice<ExpertLoads>, candidates: [Forecast] = candidates, depth: Int = 8,
        margin: Double = 0
    ) -> Forecast {
        guard history.count > 1 else { return .last }
        var best = Forecast.last
        var least = Double.infinity
        for candidate in candidates {
            var error = 0.0
            for end in max(history.startIndex + 1, history.endIndex - depth)..<history.endIndex {
                let expected = candidate.next(after: history[history.startIndex..<end])
                let actual = history[end].values
                for index in actual.indices { error += abs(expected[index] - actual[index]) }
            }
            if error < least * (1 - margin) {
                least = error
                best = candidate
            }
        }
        return best
    }

    /// Returns the forecast, raised by `deviations` standard deviations of each load: `layers × experts`.
    ///
    /// An expert with an uncertain load thus gets more room. The deviation is estimated from the changes between the
    /// last 16 windows; with fewer than 3 windows, the forecast is not raised.
    public func cautious(after history: ArraySlice<ExpertLoads>, deviations: Double) -> [Double] {
        var result = next(after: history)
        let past = history.suffix(16)
        guard deviations > 0, past.count > 2 else { return result }
        for index in result.indices {
            var sum = 0.0
            for window in past.indices.dropFirst() {
                let change = past[window].values[index] - past[window - 1].values[index]
                sum += change * change
            }
            result[index] += deviations * (sum / Double(2 * (past.count - 1))).squareRoot()
        }
        return result
    }
}
