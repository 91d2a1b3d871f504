public import PipelineSchedules
public import Timelines

/// A schedule as a picture in the manner of DeepSeek's DualPipe figure: a row a rank, time to the right, a box an
/// action with its micro-batch's number, overlapped pairs in one border, idle time white.
///
/// It draws a simulated timeline and a measured one alike. Micro-batches of the second chain are numbered on from the
/// first chain's. Where a rank holds several stages of one chain, its later chunks are lighter, as figures of interleaved
/// and V-shaped schedules have them. More than 48 ranks are an overview: low rows, without numbers.
public struct ScheduleChart: Sendable {
    /// What stands above the picture.
    public var title: String
    /// The spans to draw; those of compute whose label has a stage, a micro-batch and a kind that is an `ActionKind`'s `rawValue`.
    public var timeline: Timeline
    /// The chains of the schedule, which tell where the numbering of each stage's micro-batches starts.
    public var chains: [Chain]

    /// A chart of `timeline`, in which the stages of `chains` ran.
    public init(title: String, timeline: Timeline, chains: [Chain]) {
        self.title = title
        self.timeline = timeline
        self.chains = chains
    }

    /// The picture as a self-contained SVG. O(spans).
    public func svg() -> String { ScheduleComparison(charts: [self]).svg() }

    /// Draws the chart with its top at `top`.
    func draw(_ boxes: [Int: [ChartBox]], _ scale: ChartScale, top: Double, in picture: inout SVGDocument) {
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

    /// For each rank, its boxes by start; spans of one extent, an overlapped pair, share a box.
    func boxesOfRanks() -> [Int: [ChartBox]] {
        let firstNumbers = firstNumberOfStage()
        let chunks = chunkOfStage()
        var parts: [Int: [Range<Int64>: [ChartBox.Part]]] = [:]
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            guard let stage = label.stage, let microbatch = label.microbatch, let kind = label.computeKind else {
                continue
            }
            let isKnown = firstNumbers.indices.contains(stage)
            let number = microbatch + (isKnown ? firstNumbers[stage] : 0)
            let rank = timeline.lanes[Int(span.lane)].rank
            parts[rank, default: [:]][span.interval, default: []].append(
                ChartBox.Part(kind: kind, number: number, chunk: isKnown ? chunks[stage] : 0, name: label.name))
        }
        return parts.mapValues { boxes in
            boxes.map { ChartBox(interval: $0.key, parts: $0.value) }
                .sorted { $0.interval.lowerBound < $1.interval.lowerBound }
        }
    }

    /// The number of each stage's first micro-batch: the chains are numbered on.
    func firstNumberOfStage() -> [Int] {
        var numbers: [Int] = []
        var first = 0
        for chain in chains {
            numbers += Array(repeating: first, count: chain.stages.count)
            first += chain.microbatchCount
        }
        return numbers
    }

    /// Which of its chain's stages on its rank each stage is, from 0.
    func chunkOfStage() -> [Int] {
        chains.flatMap { chain in
            var held: [Int: Int] = [:]
            return chain.ranks.map { rank in
                defer { held[rank, default: 0] += 1 }
                return held[rank, default: 0]
            }
        }
    }

    /// How many stages of one chain a rank holds at most.
    var chunkCount: Int { (chunkOfStage().max() ?? 0) + 1 }

    /// How opaque a chunk's boxes are.
    static func opacity(ofChunk chunk: Int) -> Double { max(1 / Double(chunk + 1), 0.15) }

    private func draw(_ box: ChartBox, y: Double, _ scale: ChartScale, in picture: inout SVGDocument) {
        let left = scale.x(at: box.interval.lowerBound)
        let width = scale.x(at: box.interval.upperBound) - left
        let name = box.parts.map(\.name).joined(separator: " & ")
        let times =
            "\(formatTime(box.interval.lowerBound - scale.origin)) – "
            + formatTime(box.interval.upperBound - scale.origin)
        var x = left
        for (part, share) in zip(box.parts, box.shares) {
            let partWidth = width * share
            picture.rectangle(
                Self.className(part.kind.symbol, part.chunk), x: x, y: y, width: partWidth,
                height: scale.boxHeight, title: "\(name)\n\(times)")
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

    /// The style of the later chunks of `count` a rank.
    static func style(ofChunks count: Int) -> String {
        (1..<max(count, 1)).map { ".c\($0){fill-opacity:\(opacity(ofChunk: $0).svg)}" }.joined()
    }

    private func drawLegend(of boxes: some Sequence<ChartBox>, top: Double, in picture: inout SVGDocument) {
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
        let texts: [(kind: ActionKind, text: String)] = [
            (.forward, "Forward"), (.backward, "Backward"), (.inputGradient, "Backward for input"),
            (.weightGradient, "Backward for weights"),
        ]
        for (kind, text) in texts where kinds.contains(kind) { entry(text, swatch: [(kind.symbol, 20)]) }
        if boxes.contains(where: { $0.parts.count > 1 }) {
            entry("Overlapped forward & backward", swatch: [("F", 12), ("B", 18)], isPair: true)
        }
        let count = chunkCount
        guard count > 1 else { return }
        let swatch = (0..<count).map { (name: Self.className("chunk", $0), width: max(40 / Double(count), 6)) }
        entry("Chunks 1 to \(count) of a rank", swatch: swatch)
    }

    private func drawAxis(_ scale: ChartScale, y: Double, in picture: inout SVGDocument) {
        picture.line("axis", x1: ChartScale.left, y1: y, x2: ChartScale.left + scale.plotWidth, y2: y)
        for tick in scale.ticks {
            let x = scale.x(at: scale.origin + tick)
            picture.line("axis", x1: x, y1: y, x2: x, y2: y + 5)
            picture.text(formatTime(tick), "tick", x: x, y: y + 18)
        }
    }

    static let style = """
        text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#222}\
        .title{font-size:16px;font-weight:600}.legend,.tick,.rank{font-size:12px}.rank{text-anchor:end}\
        .tick,.number{text-anchor:middle}.tick{fill:#555}.number{font-size:11px}.axis{stroke:#888}\
        .idle{fill:#fff;stroke:#ddd}.F{fill:#f6c26b}.B{fill:#86c98a}.I{fill:#7fd0d6}.W{fill:#7ea6e8}\
        .chunk{fill:#777}.F,.B,.I,.W{stroke:#fff;stroke-width:.6}.pair{fill:none;stroke:#222;stroke-width:1.2}
        """

    /// Lines that leave something of boxes a few pixels wide.
    static let overviewStyle = ".F,.B,.I,.W{stroke-width:.2}.pair{stroke-width:.4}"
}

extension TimelineLabel {
    /// What kind of compute the label stands for; nil where it is none.
    var computeKind: ActionKind? {
        guard activity == .compute else { return nil }
        let kind = kind.flatMap(UInt8.init(exactly:)).flatMap(ActionKind.init(rawValue:))
        return kind.flatMap { $0.isCompute ? $0 : nil }
    }
}

/// One box of a chart: an action, or an overlapped pair.
struct ChartBox {
    struct Part {
        let kind: ActionKind
        let number: Int
        /// Which of its chain's stages on its rank ran, from 0.
        let chunk: Int
        let name: String
    }

    let interval: Range<Int64>
    let parts: [Part]

    /// The part of the box's width that each of its parts takes; a full backward is drawn twice as wide.
    var shares: [Double] {
        let weights = parts.map { $0.kind == .backward ? 2.0 : 1.0 }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
