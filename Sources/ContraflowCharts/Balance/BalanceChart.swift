public import ExpertBalancing

/// What placements make of loads, as a picture: each device's load before and after on one scale, summed and layer by layer,
/// and which experts have replicas.
///
/// Up to 64 devices the sums are bars, beyond they are a row of the map of layers and devices.
public struct BalanceChart: Sendable {
    /// A placement to draw.
    public struct Side: Sendable {
        /// What it is, such as "before".
        public var name: String
        /// Which expert lives where.
        public var placement: Placement

        /// `placement` under a name.
        public init(name: String, placement: Placement) {
            self.name = name
            self.placement = placement
        }
    }

    /// What stands above the picture.
    public var title: String
    /// The loads of the placements' layers and experts.
    public var loads: ExpertLoads
    /// One or two placements on the same devices; the replicas of the last are drawn.
    public var sides: [Side]
    /// The speed of each device; all 1 where it is empty.
    public var speeds: [Double]

    /// A chart of placements.
    ///
    /// - Precondition: The placements have the loads' layers and experts and as many devices.
    public init(title: String, loads: ExpertLoads, sides: [Side], speeds: [Double] = []) {
        let devices = sides.first?.placement.deviceCount ?? 0
        precondition(
            sides.allSatisfy {
                $0.placement.layerCount == loads.layerCount && $0.placement.expertCount == loads.expertCount
                    && $0.placement.deviceCount == devices
            }, "the placements are of the loads' layers and experts, on the same devices")
        self.title = title
        self.loads = loads
        self.sides = sides
        self.speeds = speeds
    }

    private static let margin = 16.0
    private static let axisWidth = 44.0
    private static let numberWidth = 50.0
    private static let barHeight = 150.0

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
        var top = 44.0
        let largest = tables.map { $0.largestSum }.max() ?? 1
        var bottom = top
        for (index, table) in tables.enumerated() {
            let left = Self.margin + Self.axisWidth + pitch * Double(index)
            let head =
                "\(sides[index].name): balance \(table.balance.decimals(4)), worst layer \(table.worst.decimals(4))"
            picture.text(head, "head", x: left, y: top + 12)
            var y = top + 24
            if devices <= 64 {
                drawBars(table, largest, left: left, top: y, width: plotWidth, in: &picture)
                y += Self.barHeight + 34
            }
            picture.text("load of each device over the mean, layer by layer", "note", x: left, y: y + 10)
            picture.text("balance", "note", x: left + plotWidth + 6, y: y + 10)
            y += 18
            if devices > 64 {
                draw([table.sums], names: ["sum"], left: left, top: y, width: plotWidth, height: 12, in: &picture)
                picture.text(table.sumBalance.decimals(3), "number", x: left + plotWidth + 6, y: y + 10)
                y += 18
            }
            draw(
                table.rows, names: layers.map { "\($0)" }, left: left, top: y, width: plotWidth, height: rowHeight,
                in: &picture)
            for (row, balance) in table.balances.enumerated() where rowHeight >= 9 {
                picture.text(
                    balance.decimals(3), "number", x: left + plotWidth + 6, y: y + rowHeight * (Double(row) + 0.5) + 3)
            }
            bottom = y + rowHeight * Double(layers.count)
        }
        top = bottom + 14
        drawLegend(left: Self.margin + Self.axisWidth, top: top, in: &picture)
        top += 40
        bottom = drawReplicas(
            last, layers, left: Self.margin + Self.axisWidth, top: top,
            width: width - 2 * Self.margin - Self.axisWidth - Self.numberWidth, rowHeight: rowHeight, in: &picture)
        return picture.render(width: width, height: bottom + 24, title: title)
    }

    private func drawBars(
        _ table: BalanceTable, _ largest: Double, left: Double, top: Double, width: Double,
        in picture: inout SVGDocument
    ) {
        let count = table.sums.count
        let pitch = width / Double(max(count, 1))
        let bottom = top + Self.barHeight
        let scale = Self.barHeight / (largest * 1.08)
        for tick in stride(from: 0.0, through: largest * 1.05, by: largest > 4 ? 1 : 0.5) {
            let y = bottom - tick * scale
            picture.line("grid", x1: left, y1: y, x2: left + width, y2: y)
            picture.text("\(tick.svg)×", "side", x: left - 6, y: y + 4)
        }
        for (device, sum) in table.sums.enumerated() {
            let x = left + pitch * Double(device)
            picture.rectangle(
                "bar", x: x + pitch * 0.1, y: bottom - sum * scale, width: pitch * 0.8, height: sum * scale,
                title: "device \(device): \(sum.decimals(3)) × the mean")
        }
        picture.line("mean", x1: left, y1: bottom - scale, x2: left + width, y2: bottom - scale)
        for (device, sum) in table.sums.enumerated() {
            let x = left + pitch * (Double(device) + 0.5)
            if count <= 16 { picture.text(sum.decimals(2), "value", x: x, y: bottom - sum * scale - 4) }
            if count <= 16 || device.isMultiple(of: 4) { picture.text("\(device)", "value", x: x, y: bottom + 13) }
        }
        picture.text(
            "device; all layers, over the mean; longest \((table.sums.max() ?? 0).decimals(3))×", "note", x: left,
            y: bottom + 27)
    }

    /// Draws rows of values over their mean as a map of colours, cells of one colour joined.
    private func draw(
        _ rows: [[Double]], names: [String], left: Double, top: Double, width: Double, height: Double,
        in picture: inout SVGDocument
    ) {
        var paths = [String](repeating: "", count: LoadColor.classes.count)
        for (row, values) in rows.enumerated() {
            let y = top + height * Double(row)
            let cell = width / Double(max(values.count, 1))
            var start = 0
            for index in values.indices
            where index + 1 == values.count || Self.color(values[index + 1]) != Self.color(values[index]) {
                paths[Self.color(values[index])] += Self.cell(
                    x: left + cell * Double(start), y: y, width: cell * Double(index + 1 - start), height: height - 1)
                start = index + 1
            }
            if height >= 9 || row.isMultiple(of: 5) {
                picture.text(names[row], "side", x: left - 6, y: y + height / 2 + 3.5)
            }
        }
        for (index, path) in paths.enumerated() where !path.isEmpty { picture.path("q\(index)", path) }
        picture.rectangle("frame", x: left, y: top, width: width, height: height * Double(rows.count) - 1)
    }

    private static func color(_ value: Double) -> Int { LoadColor.index(value) }

    private static func cell(x: Double, y: Double, width: Double, height: Double) -> String {
        "M\(x.svg) \(y.svg)h\(width.svg)v\(height.svg)h-\(width.svg)z"
    }

    private func drawLegend(left: Double, top: Double, in picture: inout SVGDocument) {
        var x = left
        for (index, entry) in LoadColor.classes.enumerated() {
            picture.rectangle("q\(index) swatch", x: x, y: top, width: 46, height: 10)
            picture.text(entry.name, "value", x: x + 23, y: top + 22)
            x += 50
        }
    }

    /// Draws how many replicas each expert has; returns where it ends.
    private func drawReplicas(
        _ table: BalanceTable, _ layers: [Int], left: Double, top: Double, width: Double, rowHeight: Double,
        in picture: inout SVGDocument
    ) -> Double {
        let experts = loads.expertCount
        let cell = width / Double(experts)
        let most = table.replicas.joined().max() ?? 1
        let head = "replicas of each expert, \(sides[sides.count - 1].name): most \(most)"
        picture.text(head, "head", x: left, y: top + 10)
        var x = left + 24 + 7.8 * Double(head.count)
        for count in 2...max(2, min(most, 6)) {
            picture.rectangle("r\(count) swatch", x: x, y: top, width: 12, height: 12)
            picture.text(count == 6 ? "6 or more" : "\(count)", "legend", x: x + 16, y: top + 10)
            x += 40
        }
        let start = top + 20
        var paths = [String](repeating: "", count: 7)
        for (row, counts) in table.replicas.enumerated() {
            let y = start + rowHeight * Double(row)
            for (expert, count) in counts.enumerated() where count > 1 {
                paths[min(count, 6)] += Self.cell(
                    x: left + cell * Double(expert), y: y, width: cell, height: rowHeight - 1)
            }
            if rowHeight >= 9 || row.isMultiple(of: 5) {
                picture.text("\(layers[row])", "side", x: left - 6, y: y + rowHeight / 2 + 3.5)
            }
        }
        for (count, path) in paths.enumerated() where !path.isEmpty { picture.path("r\(count)", path) }
        let bottom = start + rowHeight * Double(layers.count)
        picture.rectangle("frame", x: left, y: start, width: width, height: bottom - start - 1)
        let step = experts <= 32 ? 1 : experts <= 128 ? 8 : max(16, experts / 16)
        for expert in stride(from: 0, to: experts, by: step) {
            picture.text("\(expert)", "value", x: left + cell * (Double(expert) + 0.5), y: bottom + 12)
        }
        return bottom + 12
    }

    static let style = """
        text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#222;font-size:11px}\
        .title{font-size:16px;font-weight:600}.head{font-size:13px;font-weight:600}.note,.side,.value,.number{fill:#555}\
        .side{text-anchor:end;font-size:8.5px}.number{font-size:8.5px}\
        .value{text-anchor:middle;font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:2.5px}\
        .grid{stroke:#e4e4e4}.mean{stroke:#222;stroke-dasharray:4 3}.bar{fill:#5b8fd6}.frame{fill:none;stroke:#bbb}\
        .swatch{stroke:#bbb;stroke-width:.5}\
        .r2{fill:#f3c78a}.r3{fill:#e79a3c}.r4{fill:#cf5f1b}.r5{fill:#9c2f12}.r6{fill:#4d0f0a}\

        """ + LoadColor.classes.enumerated().map { ".q\($0){fill:\($1.color)}" }.joined()
}
