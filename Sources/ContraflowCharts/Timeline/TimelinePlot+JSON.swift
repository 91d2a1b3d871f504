extension TimelinePlot {
    /// The data as `timeline.js` reads it, safe within a script element. O(spans).
    ///
    /// The JSON is written by hand, since a trace can have millions of spans: `JSONEncoder` took five times as long for
    /// six million numbers.
    static func json(end: Int64, texts: Texts, panels: [Panel]) -> String {
        """
        {"end":\(end),"texts":"\(texts.rawValue)","panels":[\(panels.map(\.json).joined(separator: ",\n"))]}
        """
    }
}

extension TimelinePlot.Panel {
    fileprivate var json: String {
        """
        {"title":\(title.scriptQuoted),
        "labels":[\(labels.map(\.json).joined(separator: ","))],
        "notes":[\(notes.map(\.scriptQuoted).joined(separator: ","))],
        "lanes":[\(lanes.map(\.json).joined(separator: ",\n"))]}
        """
    }
}

extension TimelinePlot.Label {
    fileprivate var json: String {
        let note = note.map { ",\"note\":\($0)" } ?? ""
        let look =
            parts.count == 1
            ? parts[0].members : "\"parts\":[\(parts.map { "{\($0.members)}" }.joined(separator: ","))]"
        return "{\"name\":\(name.scriptQuoted),\(look)\(note)}"
    }
}

extension TimelinePlot.Part {
    /// The members of an object; members with their default values are omitted.
    fileprivate var members: String {
        "\"kind\":\"\(kind.rawValue)\",\"text\":\(text.scriptQuoted)"
            + (opacity == 1 ? "" : ",\"opacity\":\(opacity.svg)") + (weight == 1 ? "" : ",\"weight\":\(weight)")
    }
}

extension TimelinePlot.Lane {
    fileprivate var json: String {
        let bands = bands.map { name, kind, intervals in
            let bounds = intervals.flatMap { [$0.lowerBound, $0.upperBound] }
            return "{\"name\":\(name.scriptQuoted),\"kind\":\"\(kind.rawValue)\",\"spans\":\(list(bounds))}"
        }
        let member = bands.isEmpty ? "" : ",\"bands\":[\(bands.joined(separator: ","))]"
        return "{\"name\":\(name.scriptQuoted),\"spans\":\(list(values))\(member)}"
    }
}

private func list(_ values: [Int64]) -> String { "[" + values.map { String($0) }.joined(separator: ",") + "]" }
