import PipelineSchedules

extension ScheduleChart {
    /// Draws the chart with its top at `top`.
    func draw(_ boxes: [Int: [ActionBox]], _ scale: ChartScale, top: Double, in picture: inout SVGDocument) {
        picture.text(title, "title", x: ChartScale.margin, y: top + 26)
        drawLegend(of: boxes.values.joined(), top: top, in: &picture)
        // With many ranks, the axis below them is out of sight from the first ranks.
        if scale.isOverview { drawAxis(scale, y: top + scale.y(ofRow: 0) - 4, direction: -1, in: &picture) }
        let widest = boxes.values.joined().lazy.flatMap(\.parts).map(\.number).max() ?? 0
        for (row, rank) in boxes.keys.sorted().enumerated() {
            let y = top + scale.y(ofRow: row)
            if row.isMultiple(of: scale.labelStride) {
                picture.text("Rank \(rank)", "rank", x: ChartScale.left - 8, y: y + scale.baseline)
            }
            picture.rectangle("idle", x: ChartScale.left, y: y, width: scale.plotWidth, height: scale.boxHeight)
            for box in boxes[rank] ?? [] { draw(box, widest: widest, y: y, scale, in: &picture) }
            // Borders are drawn last, so that no neighbouring box covers them.
            for box in boxes[rank] ?? [] where box.parts.count > 1 {
                let left = scale.x(at: box.interval.lowerBound)
                let width = scale.x(at: box.interval.upperBound) - left
                picture.rectangle("pair", x: left, y: y, width: width, height: scale.boxHeight)
            }
        }
        drawAxis(scale, y: top + scale.y(ofRow: boxes.count) + 4, direction: 1, in: &picture)
    }

    /// Draws a box. A number is drawn if the chart's `widest` number would fit. Boxes of equal width therefore either
    /// all show their numbers or none does.
    private func draw(
        _ box: ActionBox, widest: Int, y: Double, _ scale: ChartScale, in picture: inout SVGDocument
    ) {
        let left = scale.x(at: box.interval.lowerBound)
        let width = scale.x(at: box.interval.upperBound) - left
        let times =
            "\(formatTime(box.interval.lowerBound - scale.origin)) – "
            + formatTime(box.interval.upperBound - scale.origin)
        let room = ChartScale.room(forDigits: String(widest).count)
        let edge = scale.isOverview ? 2.0 : 3.0
        var x = left
        for (part, share) in zip(box.parts, box.shares) {
            let partWidth = width * share
            picture.rectangle(
                Self.className(part.kind.symbol, part.chunk), x: x, y: y, width: partWidth,
                height: scale.boxHeight, title: "\(box.name)\n\(times)")
            if part.chunk > 0 {
                picture.rectangle(
                    part.kind.symbol, x: x, y: y + scale.boxHeight - edge, width: partWidth, height: edge)
            }
            if !scale.isOverview, partWidth >= room {
                picture.text(
                    String(part.number), "number " + Self.className("n\(part.kind.symbol)", part.chunk),
                    x: x + partWidth / 2, y: y + scale.baseline)
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

    /// Draws the time axis with its labels below it, or above it if `direction` is -1.
    private func drawAxis(_ scale: ChartScale, y: Double, direction: Double, in picture: inout SVGDocument) {
        picture.line("axis", x1: ChartScale.left, y1: y, x2: ChartScale.left + scale.plotWidth, y2: y)
        for tick in scale.ticks {
            let x = scale.x(at: scale.origin + tick)
            picture.line("axis", x1: x, y1: y, x2: x, y2: y + 5 * direction)
            picture.text(formatTime(tick), "tick", x: x, y: y + (direction > 0 ? 18 : -9))
        }
    }

    /// The legend's text for each kind of action.
    static let kindNames: [(kind: ActionKind, text: String)] = [
        (.forward, "Forward"), (.backward, "Backward"), (.inputGradient, "Backward for input"),
        (.weightGradient, "Backward for weights"),
    ]
    /// The legend's text for overlapped pairs.
    static let pairName = "Overlapped forward & backward"

    /// The legend of a page for all kinds of actions and for overlapped pairs.
    package static let actionLegend: [(text: String, swatch: Page.Swatch)] =
        kindNames.compactMap { kind, text in PlotKind(kind).map { (text, .kind($0)) } } + [(pairName, .pair)]

    /// The legend's text for the chunks of a rank.
    static func name(ofChunks count: Int) -> String { "Chunks 1 to \(count) of a rank" }

    /// The style sheet's rules for pictures in which ranks hold up to `count` chunks.
    static func style(ofChunks count: Int, isOverview: Bool) -> String {
        let kinds: [(symbol: String, name: String)] = [
            ("F", "forward"), ("B", "backward"), ("I", "inputGradient"), ("W", "weightGradient"), ("chunk", "chunk"),
        ]
        var rules: [Palette.Rule] = [
            .init(".tick", "fill", "soft"), .init(".axis", "stroke", "soft"), .init(".idle", "fill", "ground"),
            .init(".idle", "stroke", "line"), .init(".pair", "stroke", "ink"),
            .init(".F,.B,.I,.W", "stroke", "ground"),
        ]
        for (symbol, name) in kinds {
            for chunk in 0..<max(count, 1) {
                let suffix = chunk == 0 ? "" : ".c\(chunk)"
                @Sendable func color(_ isDark: Bool) -> RGBColor {
                    let (entry, ground) = (Palette.entry(name), Palette.entry("ground"))
                    let color = isDark ? entry.dark : entry.light
                    return color.over(isDark ? ground.dark : ground.light, opacity: opacity(ofChunk: chunk))
                }
                rules.append(.init(".\(symbol)\(suffix)", "fill", color: color))
                if symbol != "chunk" { rules.append(.init(".n\(symbol)\(suffix)", "fill") { color($0).ink }) }
            }
        }
        let lines = isOverview ? (".2", ".4") : (".6", "1.2")
        return """
            .rank{text-anchor:end}.tick,.number{text-anchor:middle}.number{font-size:11px}.pair{fill:none}\
            .F,.B,.I,.W{stroke-width:\(lines.0)}.pair{stroke-width:\(lines.1)}
            """ + Palette.css(rules)
    }
}
