public import ExpertBalancing

/// A picture of the loads that placements lead to: each device's load before and after on one scale, in total and per
/// layer, and the number of replicas of each expert.
///
/// The totals are bars for up to 64 devices, and a row above the map of layers and devices for more.
public struct BalanceChart: Sendable {
    /// A placement to draw.
    public struct Side: Sendable {
        /// The text above the placement, such as "before".
        public var name: String
        /// The expert in each slot.
        public var placement: Placement

        /// Creates a side that shows `placement` under `name`.
        public init(name: String, placement: Placement) {
            self.name = name
            self.placement = placement
        }
    }

    /// The text above the picture.
    public var title: String
    /// The load of each layer's experts.
    public var loads: ExpertLoads
    /// One or two placements on the same devices. The replicas of the last one are drawn.
    public var sides: [Side]
    /// The speed of each device; if the list is empty, all speeds are 1.
    public var speeds: [Double]

    /// A chart of placements.
    ///
    /// - Precondition: All placements have the layers and experts of `loads`, and the same number of devices.
    public init(title: String, loads: ExpertLoads, sides: [Side], speeds: [Double] = []) {
        let devices = sides.first?.placement.deviceCount ?? 0
        precondition(
            sides.allSatisfy {
                $0.placement.layerCount == loads.layerCount && $0.placement.expertCount == loads.expertCount
                    && $0.placement.deviceCount == devices
            }, "all placements must have the layers and experts of the loads, and the same devices")
        self.title = title
        self.loads = loads
        self.sides = sides
        self.speeds = speeds
    }

    static let margin = 16.0
    static let axisWidth = 44.0
    static let numberWidth = 50.0
    static let barHeight = 150.0
    /// The maximum number of devices for which bars are drawn.
    static let mostBars = 64

    /// The picture as a self-contained SVG. O(layers × (slots + experts)).
    public func svg() -> String {
        var picture = SVGDocument(style: Self.style)
        let layers = (0..<loads.layerCount).filter { loads.total(ofLayer: $0) > 0 }
        let tables = sides.map { BalanceTable($0.placement, loads, layers: layers, speeds: speeds) }
        let devices = sides.first?.placement.deviceCount ?? 0
        let plotWidth = devices > 160 ? 640.0 : 420.0
        let pitch = Self.axisWidth + plotWidth + Self.numberWidth
        let width = 2 * Self.margin + pitch * Double(max(sides.count, 1))
        picture.text(title, "title", x: Self.margin, y: 28)
        guard let last = tables.last, !layers.isEmpty else {
            picture.text("no layer has load", "note", x: Self.margin, y: 52)
            return picture.render(width: width, height: 70, title: title)
        }
        let rowHeight = layers.count > 96 ? 6.0 : layers.count > 6 ? 9.0 : 16.0
        let largest = tables.map { $0.largestSum }.max() ?? 1
        let left = Self.margin + Self.axisWidth
        var bottom = 0.0
        for (index, table) in tables.enumerated() {
            let plot = Plot(left: left + pitch * Double(index), top: 44, width: plotWidth, rowHeight: rowHeight)
            bottom = draw(table, sides[index].name, layers, largest, plot, in: &picture)
        }
        drawLegend(left: left, top: bottom + 14, in: &picture)
        let plot = Plot(
            left: left, top: bottom + 54, width: width - 2 * Self.margin - Self.axisWidth - Self.numberWidth,
            rowHeight: rowHeight)
        bottom = drawReplicas(last, layers, plot, in: &picture)
        return picture.render(width: width, height: bottom + 24, title: title)
    }
}
