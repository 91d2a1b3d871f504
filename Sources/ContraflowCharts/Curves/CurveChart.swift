/// A picture of curves over one axis, such as losses over steps.
public struct CurveChart: Sendable {
    /// One curve.
    public struct Curve: Sendable {
        /// The text in the legend.
        public var name: String
        /// The points by ascending x.
        public var points: [(x: Double, y: Double)]

        /// A curve through `points`.
        public init(name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points
        }
    }

    /// A text at a point.
    public struct Mark: Sendable {
        /// The point's horizontal coordinate.
        public var x: Double
        /// The point's vertical coordinate.
        public var y: Double
        /// The text.
        public var text: String

        /// Creates a mark that shows `text` at a point.
        public init(x: Double, y: Double, text: String) {
            self.x = x
            self.y = y
            self.text = text
        }
    }

    /// The text above the picture.
    public var title: String
    /// The text below the horizontal axis.
    public var xName: String
    /// The curves, at most six.
    public var curves: [Curve]
    /// The marked points.
    public var marks: [Mark]

    /// A chart of `curves`.
    public init(title: String, xName: String, curves: [Curve], marks: [Mark] = []) {
        self.title = title
        self.xName = xName
        self.curves = curves
        self.marks = marks
    }

    /// The maximum number of curves, each of which has its own colour.
    static let mostCurves = 6
    static let width = 860.0
    static let height = 300.0
    private static let left = 56.0
    private static let top = 64.0

    /// The picture as a self-contained SVG. O(points).
    public func svg() -> String { CurveStack(charts: [self]).svg() }

    /// Draws the chart with its top at `base`.
    func draw(top base: Double, in picture: inout SVGDocument) {
        picture.text(title, "title", x: 16, y: base + 26)
        let points = curves.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        let right = Self.width - 16
        let legend = legendPlaces(right: right)
        let top = base + Self.top + (legend.last?.y ?? 0)
        let bottom = base + Self.height - 40
        guard let xs = Self.bounds(points.map(\.x)), let ys = Self.bounds(points.map(\.y)) else { return }
        func x(_ value: Double) -> Double { Self.left + (right - Self.left) * (value - xs.low) / (xs.high - xs.low) }
        func y(_ value: Double) -> Double { bottom - (bottom - top) * (value - ys.low) / (ys.high - ys.low) }
        for tick in Self.ticks(ys) {
            picture.line("grid", x1: Self.left, y1: y(tick), x2: right, y2: y(tick))
            picture.text(tick.svg, "side", x: Self.left - 6, y: y(tick) + 4)
        }
        for tick in Self.ticks(xs) { picture.text(tick.svg, "tick", x: x(tick), y: bottom + 16) }
        picture.text(xName, "tick", x: (Self.left + right) / 2, y: bottom + 32)
        for (index, (curve, place)) in zip(curves, legend).enumerated() {
            picture.polyline("c\(index)", curve.points.map { (x($0.x), y($0.y)) })
            // A line through one point is invisible.
            if curve.points.count == 1 {
                picture.circle("c\(index)", x: x(curve.points[0].x), y: y(curve.points[0].y), radius: 3.5)
            }
            picture.line("c\(index)", x1: place.x, y1: base + place.y + 46, x2: place.x + 22, y2: base + place.y + 46)
            picture.text(curve.name, "legend", x: place.x + 28, y: base + place.y + 50)
        }
        for mark in marks {
            picture.circle("mark", x: x(mark.x), y: y(mark.y), radius: 3.5)
            let isRight = x(mark.x) > (Self.left + right) / 2
            let isHigh = y(mark.y) < top + 16
            let isAbove = isRight || y(mark.y) > bottom - 20
            picture.text(
                mark.text, isRight ? "markleft" : "markright", x: x(mark.x) + (isRight ? -8 : 8),
                y: y(mark.y) + (isHigh ? 16 : isAbove ? -8 : 14))
        }
    }

    /// The positions of the legend's entries, which take as many lines as needed: x from the picture's left, y from the
    /// legend's first line.
    private func legendPlaces(right: Double) -> [(x: Double, y: Double)] {
        var (x, y) = (Self.left, 0.0)
        return curves.map { curve in
            let width = 44 + Double(curve.name.count) * 6.8
            if x + width > right + 16 && x > Self.left { (x, y) = (Self.left, y + 18) }
            defer { x += width }
            return (x, y)
        }
    }

    private static func bounds(_ values: [Double]) -> (low: Double, high: Double)? {
        guard let low = values.min(), let high = values.max() else { return nil }
        return low == high ? (low - 0.5, high + 0.5) : (low, high)
    }

    /// About six round numbers within the bounds.
    private static func ticks(_ bounds: (low: Double, high: Double)) -> [Double] {
        let wanted = (bounds.high - bounds.low) / 6
        var power = 1.0
        while power > wanted { power /= 10 }
        while power * 10 <= wanted { power *= 10 }
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= wanted } ?? power
        return Array(stride(from: (bounds.low / step).rounded(.up) * step, through: bounds.high, by: step))
    }

    static var style: String {
        """
        .tick{text-anchor:middle}.side,.markleft{text-anchor:end}polyline{fill:none;stroke-linejoin:round}\
        polyline,.c0,.c1,.c2,.c3,.c4,.c5{stroke-width:2}
        """
            + Palette.css(
                [
                    .init(".tick,.side", "fill", "soft"), .init(".grid", "stroke", "line"),
                    .init("circle", "fill", "ground"), .init(".mark", "fill", "ink"),
                ] + (0..<mostCurves).map { .init(".c\($0)", "stroke", "curve\($0)") })
    }
}
