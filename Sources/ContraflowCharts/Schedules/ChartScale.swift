/// The positions of times and rows in a chart of ranks over time.
struct ChartScale {
    static let margin = 16.0
    static let left = 76.0
    /// The width that a number of `count` digits needs.
    static func room(forDigits count: Int) -> Double { Double(count) * 6.4 + 2 }

    /// Whether the chart has too many ranks for numbers, and shows shapes only.
    let isOverview: Bool
    /// The time at the left edge, in nanoseconds.
    let origin: Int64
    let plotWidth: Double
    private let length: Int64

    /// A scale on which a typical box is wide enough for the widest number, as long as the picture stays under 8000
    /// pixels; an overview stays under 2400.
    init(charts: [[Int: [ActionBox]]]) {
        let all = charts.flatMap { $0.values.joined() }
        let start = all.map(\.interval.lowerBound).min() ?? 0
        let end = all.map(\.interval.upperBound).max() ?? 0
        origin = start
        length = max(end - start, 1)
        let widths = all.map { ($0.interval.upperBound - $0.interval.lowerBound) / Int64($0.parts.count == 1 ? 1 : 3) }
        let typical = widths.sorted().dropFirst(widths.count / 4).first ?? 1
        isOverview = charts.contains { $0.count > Self.mostRanksWithNumbers }
        let widest = all.flatMap { $0.parts.map(\.number) }.max() ?? 0
        let wanted = max(Self.room(forDigits: String(widest).count) + 3, 18)
        plotWidth = min(max(Double(length) / Double(max(typical, 1)) * wanted, 760), isOverview ? 2400 : 8000)
    }

    private static let mostRanksWithNumbers = 48

    var boxHeight: Double { isOverview ? 10 : 21 }
    private var rowPitch: Double { isOverview ? 12 : 25 }
    /// The distance between ranks that are named.
    var labelStride: Int { isOverview ? 4 : 1 }
    /// The distance from a row's top to the foot of its letters.
    var baseline: Double { isOverview ? 9 : 15 }

    var width: Double { Self.left + plotWidth + Self.margin + 16 }

    func x(at time: Int64) -> Double { Self.left + plotWidth * Double(time - origin) / Double(length) }
    func height(rows: Int) -> Double { y(ofRow: rows) + 34 }
    func y(ofRow row: Int) -> Double { (isOverview ? 92 : 68) + Double(row) * rowPitch }

    /// Round times from the origin in nanoseconds, about a hundred pixels apart, and the end, which replaces the round
    /// times too near to it.
    var ticks: [Int64] {
        let step = roundStep(atLeast: Double(length) * 100 / plotWidth)
        let end = Double(length) * (1 - 72 / plotWidth)
        return stride(from: 0, to: length, by: Int(step)).filter { Double($0) <= end || $0 == 0 } + [length]
    }

    private func roundStep(atLeast wanted: Double) -> Int64 {
        var power: Int64 = 1
        while true {
            for factor: Int64 in [1, 2, 5] where Double(factor * power) >= wanted { return factor * power }
            power *= 10
        }
    }
}

/// A duration in nanoseconds, in the largest unit in which it is at least 1.
func formatTime(_ nanoseconds: Int64) -> String {
    let units: [(name: String, length: Double)] = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]
    for unit in units where Double(nanoseconds.magnitude) >= unit.length {
        return (Double(nanoseconds) / unit.length).svg + " " + unit.name
    }
    return nanoseconds == 0 ? "0" : "\(nanoseconds) ns"
}
