/// How the next window's loads are told from those before.
public enum Forecast: Hashable, Sendable, CustomStringConvertible {
    /// The last window again.
    case last
    /// The mean of the last so many windows.
    case mean(windows: Int)
    /// An average in which each older window counts less by this factor, from 0 to 1.
    case exponential(decay: Double)
    /// A straight line through the last so many windows, one step on.
    case trend(windows: Int)

    /// Forecasts that a back-test chooses from.
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

    /// The forecast of the given name, or nil where the name or its number is none.
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

    /// The loads that are expected after `history`, the oldest window first.
    ///
    /// - Precondition: There is at least one window.
    /// - Complexity: O(windows looked at × layers × experts).
    public func next(after history: ArraySlice<ExpertLoads>) -> [Double] {
        precondition(!history.isEmpty, "a forecast needs at least one window")
        let newest = history[history.endIndex - 1].values
        switch self {
        case .last: return newest
        case .mean(let windows):
            let past = history.suffix(max(windows, 1))
            return Self.weighted(past.map { ($0, 1 / Double(past.count)) }, count: newest.count)
        case .exponential(let decay):
            var weight = 1.0
            var parts: [(ExpertLoads, Double)] = []
            var sum = 0.0
            // Windows whose weight is below a ten-thousandth say nothing.
            for window in history.reversed() where weight > 1e-4 {
                parts.append((window, weight))
                sum += weight
                weight *= decay
            }
            return Self.weighted(parts.map { ($0.0, $0.1 / sum) }, count: newest.count)
        case .trend(let windows):
            let past = history.suffix(max(windows, 2))
            let count = Double(past.count)
            guard past.count > 1 else { return newest }
            let middle = (count - 1) / 2
            let spread = (count * count - 1) * count / 12
            // The line through the windows, one step after the last, as a weighted sum.
            let parts = past.enumerated().map { index, window in
                (window, 1 / count + (Double(index) - middle) * (count - middle) / spread)
            }
            return Self.weighted(parts, count: newest.count).map { max(0, $0) }
        }
    }

    private static func weighted(_ parts: [(ExpertLoads, Double)], count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count)
        for (window, weight) in parts {
            window.values.withUnsafeBufferPointer { values in
                for index in 0..<count { result[index] += weight * values[index] }
            }
        }
        return result
    }

    /// The candidate that would have told the last windows of `history` the best: by the sum of absolute errors.
    ///
    /// - Parameters:
    ///   - history: The windows so far.
    ///   - candidates: What is compared.
    ///   - depth: How many windows are told again.
    /// - Complexity: O(depth × candidates × windows looked at × layers × experts).
    public static func backtested(
        on history: ArraySlice<ExpertLoads>, candidates: [Forecast] = candidates, depth: Int = 8
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
            if error < least {
                least = error
                best = candidate
            }
        }
        return best
    }

    /// A forecast raised by so many standard deviations of each load's changes from window to window, so that experts whose
    /// load is uncertain get more room.
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
