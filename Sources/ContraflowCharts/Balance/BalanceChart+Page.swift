import ExpertBalancing

extension BalanceChart {
    /// The chart as blocks of a page: a map of layers and devices for each side, and one of the replicas of experts.
    func blocks() -> [Page.Block] {
        let layers = (0..<loads.layerCount).filter { loads.total(ofLayer: $0) > 0 }
        let tables = sides.map { BalanceTable($0.placement, loads, layers: layers, speeds: speeds) }
        guard let last = tables.last, !layers.isEmpty else { return [.paragraph("no layer has load")] }
        let most = tables.map(\.largestSum).max() ?? 1
        let maps = zip(sides, tables).map { map($1, named: $0.name, layers, most: most) }
        return [.maps(maps), .maps([replicas(last, layers)])]
    }

    private func map(_ table: BalanceTable, named name: String, _ layers: [Int], most: Double) -> MapPlot {
        let hasBars = table.sums.count <= Self.mostBars
        var rows = layers.indices.map { index in
            MapPlot.Row(
                name: "\(layers[index])", values: table.rows[index], side: table.balances[index].decimals(3))
        }
        if !hasBars { rows.insert(.init(name: "sum", values: table.sums, side: table.sumBalance.decimals(3)), at: 0) }
        return MapPlot(
            title: "\(name): balance \(table.balance.decimals(4)), worst layer \(table.worst.decimals(4))",
            column: "device", row: "layer", unit: " × the mean", bars: hasBars ? table.sums : [], most: most,
            rows: rows, side: "balance",
            classes: LoadColorScale.classes.enumerated().map { index, entry in
                MapPlot.ColorClass(
                    limit: entry.limit.isFinite ? entry.limit : nil, color: "load\(index)", name: entry.name)
            })
    }

    private func replicas(_ table: BalanceTable, _ layers: [Int]) -> MapPlot {
        let most = table.replicas.joined().max() ?? 1
        let counts = ReplicaColorScale.counts
        let classes = counts.map { count in
            MapPlot.ColorClass(
                limit: count == counts.upperBound ? nil : Double(count) + 0.5, color: "replicas\(count)",
                name: ReplicaColorScale.name(count))
        }
        return MapPlot(
            title: "replicas of each expert, \(sides[sides.count - 1].name): most \(most)", column: "expert",
            row: "layer", unit: "",
            rows: zip(layers, table.replicas).map { layer, counts in
                .init(name: "\(layer)", values: counts.map(Double.init))
            }, classes: [MapPlot.ColorClass(limit: 1.5, color: nil, name: "1")] + classes)
    }
}
