import ExpertBalancing

extension BalanceChart {
    /// The position and the size of a part of the picture. All of its rows have the same height.
    struct Plot {
        var left: Double
        var top: Double
        var width: Double
        var rowHeight: Double
    }

    /// Draws one placement's loads on a scale that reaches to `largest`; returns the lower edge.
    func draw(
        _ table: BalanceTable, _ name: String, _ layers: [Int], _ largest: Double, _ plot: Plot,
        in picture: inout SVGDocument
    ) -> Double {
        let left = plot.left
        let right = left + plot.width
        let head = "\(name): balance \(table.balance.decimals(4)), worst layer \(table.worst.decimals(4))"
        picture.text(head, "head", x: left, y: plot.top + 12)
        var y = plot.top + 24
        if table.sums.count <= Self.mostBars {
            drawBars(table, largest, left: left, top: y, width: plot.width, in: &picture)
            y += Self.barHeight + 34
        }
        picture.text("load of each device over the mean, layer by layer", "note", x: left, y: y + 10)
        picture.text("balance", "note", x: right + 6, y: y + 10)
        y += 18
        if table.sums.count > Self.mostBars {
            let row = Plot(left: left, top: y, width: plot.width, rowHeight: 12)
            draw([table.sums], names: ["sum"], row, in: &picture)
            picture.text(table.sumBalance.decimals(3), "number", x: right + 6, y: y + 10)
            y += 18
        }
        let map = Plot(left: left, top: y, width: plot.width, rowHeight: plot.rowHeight)
        draw(table.rows, names: layers.map { "\($0)" }, map, in: &picture)
        for (row, balance) in table.balances.enumerated() where plot.rowHeight >= 9 {
            picture.text(balance.decimals(3), "number", x: right + 6, y: y + plot.rowHeight * (Double(row) + 0.5) + 3)
        }
        return y + plot.rowHeight * Double(layers.count)
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

    /// Draws rows of values over their mean as a map of colours. Adjacent cells of one colour are drawn as one cell.
    private func draw(_ rows: [[Double]], names: [String], _ plot: Plot, in picture: inout SVGDocument) {
        let (left, width, height) = (plot.left, plot.width, plot.rowHeight)
        var paths = [String](repeating: "", count: LoadColorScale.classes.count)
        for (row, values) in rows.enumerated() {
            let y = plot.top + height * Double(row)
            let cell = width / Double(max(values.count, 1))
            var start = 0
            for index in values.indices
            where index + 1 == values.count
                || LoadColorScale.index(values[index + 1]) != LoadColorScale.index(values[index])
            {
                paths[LoadColorScale.index(values[index])] += Self.cell(
                    x: left + cell * Double(start), y: y, width: cell * Double(index + 1 - start), height: height - 1)
                start = index + 1
            }
        }
        draw(paths, "q", names: names, plot, in: &picture)
    }

    /// Draws the cells of a map, with one path per colour, the names of its rows and its frame.
    private func draw(
        _ paths: [String], _ prefix: String, names: [String], _ plot: Plot, in picture: inout SVGDocument
    ) {
        for (row, name) in names.enumerated() where plot.rowHeight >= 9 || row.isMultiple(of: 5) {
            picture.text(name, "side", x: plot.left - 6, y: plot.top + plot.rowHeight * (Double(row) + 0.5) + 3.5)
        }
        for (index, path) in paths.enumerated() where !path.isEmpty { picture.path("\(prefix)\(index)", path) }
        picture.rectangle(
            "frame", x: plot.left, y: plot.top, width: plot.width, height: plot.rowHeight * Double(names.count) - 1)
    }

    private static func cell(x: Double, y: Double, width: Double, height: Double) -> String {
        "M\(x.svg) \(y.svg)h\(width.svg)v\(height.svg)h-\(width.svg)z"
    }

    func drawLegend(left: Double, top: Double, in picture: inout SVGDocument) {
        var x = left
        for (index, entry) in LoadColorScale.classes.enumerated() {
            picture.rectangle("q\(index) swatch", x: x, y: top, width: 46, height: 10)
            picture.text(entry.name, "value", x: x + 23, y: top + 22)
            x += 50
        }
    }

    /// Draws the number of replicas of each expert; returns the lower edge.
    func drawReplicas(_ table: BalanceTable, _ layers: [Int], _ plot: Plot, in picture: inout SVGDocument) -> Double {
        let (left, top, width, rowHeight) = (plot.left, plot.top, plot.width, plot.rowHeight)
        let experts = loads.expertCount
        let cell = width / Double(experts)
        let most = table.replicas.joined().max() ?? 1
        let head = "replicas of each expert, \(sides[sides.count - 1].name): most \(most)"
        picture.text(head, "head", x: left, y: top + 10)
        var x = left + 24 + 7.8 * Double(head.count)
        for count in ReplicaColorScale.counts {
            picture.rectangle("r\(count) swatch", x: x, y: top, width: 12, height: 12)
            picture.text(ReplicaColorScale.name(count), "legend", x: x + 16, y: top + 10)
            x += 40
        }
        let start = top + 20
        let largest = ReplicaColorScale.counts.upperBound
        var paths = [String](repeating: "", count: largest + 1)
        for (row, counts) in table.replicas.enumerated() {
            let y = start + rowHeight * Double(row)
            for (expert, count) in counts.enumerated() where count > 1 {
                paths[min(count, largest)] += Self.cell(
                    x: left + cell * Double(expert), y: y, width: cell, height: rowHeight - 1)
            }
        }
        let map = Plot(left: left, top: start, width: width, rowHeight: rowHeight)
        draw(paths, "r", names: layers.map { "\($0)" }, map, in: &picture)
        let bottom = start + rowHeight * Double(layers.count)
        let step = experts <= 32 ? 1 : experts <= 128 ? 8 : max(16, experts / 16)
        for expert in stride(from: 0, to: experts, by: step) {
            picture.text("\(expert)", "value", x: left + cell * (Double(expert) + 0.5), y: bottom + 12)
        }
        return bottom + 12
    }

    static var style: String {
        var rules: [Palette.Rule] = [
            .init(".note,.side,.value,.number", "fill", "soft"), .init(".value", "stroke", "ground"),
            .init(".grid", "stroke", "line"), .init(".mean", "stroke", "ink"), .init(".bar", "fill", "compute"),
            .init(".frame,.swatch", "stroke", "line"),
        ]
        rules += LoadColorScale.entries.enumerated().map { .init(".q\($0)", "fill", $1.name) }
        rules += zip(ReplicaColorScale.counts, ReplicaColorScale.entries).map { .init(".r\($0)", "fill", $1.name) }
        return """
            text{font-size:11px}.head{font-size:13px;font-weight:600}.side{text-anchor:end;font-size:8.5px}\
            .number{font-size:8.5px}.value{text-anchor:middle;font-size:10px;paint-order:stroke;stroke-width:2.5px}\
            .mean{stroke-dasharray:4 3}.frame{fill:none}.swatch{stroke-width:.5}
            """ + Palette.css(rules)
    }
}
