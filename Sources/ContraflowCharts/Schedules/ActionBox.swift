package import PipelineSchedules

/// One box of a schedule's chart: an action, or an overlapped pair.
struct ActionBox {
    /// One action of a box.
    struct Part {
        let kind: ActionKind
        /// The micro-batch's number in the chart.
        let number: Int
        /// The index of the stage among its chain's stages on its rank.
        let chunk: Int
        let name: String

        /// The part's width in proportion to the other parts' widths.
        var weight: Int { kind.boxWeight }
    }

    let interval: Range<Int64>
    var parts: [Part] = []
    /// A line about the box, which may be empty.
    var note = ""

    /// The names of the actions.
    var name: String { parts.map(\.name).joined(separator: " & ") }

    /// The share of the box's width that each part takes.
    var shares: [Double] {
        let sum = parts.reduce(0) { $0 + $1.weight }
        return parts.map { Double($0.weight) / Double(sum) }
    }
}

extension ActionKind {
    /// The width of the action in a box that it shares. A full backward is drawn twice as wide as any other action.
    fileprivate var boxWeight: Int { self == .backward ? 2 : 1 }
}

extension TimelinePlot.Part {
    /// Creates the part of an action; nil for a transfer, which has no color.
    package init?(_ action: ActionKind, text: String, opacity: Double = 1) {
        guard let kind = PlotKind(action) else { return nil }
        self.init(kind: kind, text: text, opacity: opacity, weight: action.boxWeight)
    }
}
