/// The data of one map of colours on a page; `maps.js` documents the format and draws it.
package struct MapPlot: Sendable {
    /// A row of cells.
    package struct Row: Sendable {
        /// The text before the row.
        package var name: String
        /// A value per cell.
        package var values: [Double]
        /// The text after the row.
        package var side = ""
    }

    /// The colour of a range of values.
    package struct ColorClass: Sendable {
        /// The value below which the class ends; nil for the last.
        package var limit: Double?
        /// The name of the CSS custom property with the colour; nil if the cells stay empty.
        package var color: String?
        /// The text in the legend.
        package var name: String
    }

    /// The text above the map.
    package var title: String
    /// The noun of a column, such as "device".
    package var column: String
    /// The noun of a row, such as "layer".
    package var row: String
    /// The text after a value.
    package var unit: String
    /// A value per column, drawn as bars above the map; no bars if the list is empty.
    package var bars: [Double] = []
    /// The value of a bar of full height. Maps with the same value have one scale.
    package var most = 1.0
    /// The rows, from top to bottom.
    package var rows: [Row]
    /// The text above the rows' sides.
    package var side = ""
    /// The classes in ascending order.
    package var classes: [ColorClass]

    /// The data as `maps.js` reads it, safe within a script element. O(cells).
    var json: String {
        let rows = rows.map { row in
            "{\"name\":\(row.name.scriptQuoted),\"values\":\(list(row.values)),\"side\":\(row.side.scriptQuoted)}"
        }
        let classes = classes.map { entry in
            let limit = entry.limit.map { "\"limit\":\($0.svg)," } ?? ""
            let color = entry.color.map { "\"colour\":\($0.scriptQuoted)," } ?? ""
            return "{\(limit)\(color)\"name\":\(entry.name.scriptQuoted)}"
        }
        return """
            {"title":\(title.scriptQuoted),"column":\(column.scriptQuoted),"row":\(row.scriptQuoted),
            "unit":\(unit.scriptQuoted),"bars":\(list(bars)),"most":\(most.decimals(3)),"side":\(side.scriptQuoted),
            "rows":[\(rows.joined(separator: ",\n"))],"classes":[\(classes.joined(separator: ","))]}
            """
    }

    /// Numbers with three decimals; whole numbers without decimals.
    private func list(_ values: [Double]) -> String {
        "["
            + values.map { $0.magnitude < 1e15 && $0 == $0.rounded() ? "\(Int64($0))" : $0.decimals(3) }.joined(
                separator: ",") + "]"
    }
}
