import PipelineSchedules

extension ScheduleChart {
    /// Draws the chart with its top at `top`.
    func draw(_ boxes: [Int: [ActionBox]], _ scale: ChartScale, top: Double, in picture: inout SVGDocument) {
        picture.text(title, "title", x: ChartScale.margin, y: top + 26)
        drawLegend(of: boxes.values.joined(), top: top, in: &picture)
        for (row, rank) in boxes.keys.sorted().enumerated() {
            let y = top + scale.y(ofRow: row)
            if row.isMultiple(of: scale.labelStride) {
                picture.text("Rank \(rank)", "rank", x: ChartScale.left - 8, y: y + scale.baseline)
            }
            picture.rectangle("idle", x: ChartScale.left, y: y, width: scale.plotWidth, height: scale.boxHeight)
            for box in boxes[rank] ?? [] { draw(box, y: y, scale, in: &picture) }
            // Borders come last, so that no neighbour covers them.
            for box in boxes[rank] ?? [] where box.parts.count > 1 {
                let left = scale.x(at: box.interval.lowerBound)
                let width = scale.x(at: box.interval.upperBound) - left
                picture.rectangle("pair", x: left, y: y, width: width, height: scale.boxHeight)
            }
        }
        drawAxis(scale, y: top + scale.y(ofRow: boxes.count) + 4, in: &picture)
    }

    private func draw(_ box: ActionBox, y: Double, _ scale: ChartScale, in picture: inout SVGDocument) {
        let left = scale.x(at: box.interval.lowerBound)
        let width = scale.x(at: box.interval.upperBound) - left
        let times =
            "\(formatTime(box.interval.lowerBound - scale.origin)) – "
            + formatTime(box.interval.upperBound - scale.origin)
        var x = left
        for (part, share) in zip(box.parts, box.shares) {
            let partWidth = width * share
            picture.rectangle(
                Self.className(part.kind.symbol, part.chunk), x: x, y: y, width: partWidth,
                height: scale.boxHeight, title: "\(box.name)\n\(times)")
            let digits = String(part.number)
            if !scale.isOverview, partWidth >= Double(digits.count) * 6.2 + 2 {
                picture.text(digits, "number", x: x + partWidth / 2, y: y + scale.baseline)
            }
            x += partWidth
        }
    }

    private static func className(_ symbol: String, _ chunk: Int) -> String {
        chunk == 0 ? symbol : "\(symbol) c\(chunk)"
    }

    private func drawLegend(of boxes: some Sequence<ActionBox>, top: Double, in picture: inout SVGDocument) {
        var x = ChartScale.left
        func entry(_ text: String, swatch: [(name: String, width: Double)], isPair: Bool = false) {
            let start = x
            for part in swatch {
                picture.rectangle(part.name, x: x, y: top + 40, width: part.width, height: 14)
                x += part.width
            }
            if isPair { picture.rectangle("pair", x: start, y: top + 40, width: x - start, height: 14) }
            picture.text(text, "legend", x: x + 6, y: top + 51)
            x += Double(text.count) * 6.6 + 24
        }
        let kinds = Set(boxes.lazy.flatMap(\.parts).map(\.kind))
        for (kind, text) in Self.kindNames where kinds.contains(kind) { entry(text, swatch: [(kind.symbol, 20)]) }
        if boxes.contains(where: { $0.parts.count > 1 }) {
            entry(Self.pairName, swatch: [("F", 12), ("B", 18)], isPair: true)
        }
        let count = chunkCount
        guard count > 1 else { return }
        let swatch = (0..<count).map { (name: Self.className("chunk", $0), width: max(40 / Double(count), 6)) }
        entry(Self.name(ofChunks: count), swatch: swatch)
    }

    private func drawAxis(_ scale: ChartScale, y: Double, in picture: inout SVGDocument) {
        picture.line("axis", x1: ChartScale.left, y1: y, x2: ChartScale.left + scale.plotWidth, y2: y)
        for tick in scale.ticks {
            let x = scale.x(at: scale.origin + tick)
            picture.line("axis", x1: x, y1: y, x2: x, y2: y + 5)
            picture.text(formatTime(tick), "tick", x: x, y: y + 18)
        }
    }

    /// The legend's text for each kind of action.
    static let kindNames: [(kind: ActionKind, text: String)] = [
        (.forward, "Forward"), (.backward, "Backward"), (.inputGradient, "Backward for input"),
        (.weightGradient, "Backward for weights"),
    ]
    /// The legend's text for overlapped pairs.
    static let pairName = "Overlapped forward & backward"

    /// The legend's text for the chunks of a rank.
    static func name(ofChunks count: Int) -> String { "Chunks 1 to \(count) of a rank" }

    /// The style sheet's rules for the later ones of `count` chunks per rank.
    static func style(ofChunks count: Int) -> String {
        (1..<max(count, 1)).map { ".c\($0){fill-opacity:\(opacity(ofChunk: $0).svg)}" }.joined()
    }

    static let style = """
        text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#222}\
        .title{font-size:16px;font-weight:600}.legend,.tick,.rank{font-size:12px}.rank{text-anchor:end}\
        .tick,.number{text-anchor:middle}.tick{fill:#555}.number{font-size:11px}.axis{stroke:#888}\
        .idle{fill:#fff;stroke:#ddd}.F{fill:#f6c26b}.B{fill:#86c98a}.I{fill:#7fd0d6}.W{fill:#7ea6e8}\
        .chunk{fill:#777}.F,.B,.I,.W{stroke:#fff;stroke-width:.6}.pair{fill:none;stroke:#222;stroke-width:1.2}
        """

    /// Thinner lines, for boxes that are a few pixels wide.
    static let overviewStyle = ".F,.B,.I,.W{stroke-width:.2}.pair{stroke-width:.4}"
}
