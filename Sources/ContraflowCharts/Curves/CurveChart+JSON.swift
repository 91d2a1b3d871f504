extension CurveChart {
    /// The data as `curves.js` reads it, safe within a script element. Points that are not finite are omitted.
    /// O(points).
    var json: String {
        let curves = curves.map { curve in
            let points = curve.points.filter { $0.x.isFinite && $0.y.isFinite }
            let values = points.map { "\($0.x),\($0.y)" }.joined(separator: ",")
            return "{\"name\":\(curve.name.scriptQuoted),\"points\":[\(values)]}"
        }
        let marks = marks.filter { $0.x.isFinite && $0.y.isFinite }.map {
            "{\"x\":\($0.x),\"y\":\($0.y),\"text\":\($0.text.scriptQuoted)}"
        }
        return """
            {"title":\(title.scriptQuoted),"xName":\(xName.scriptQuoted),
            "curves":[\(curves.joined(separator: ",\n"))],"marks":[\(marks.joined(separator: ","))]}
            """
    }
}
