import Foundation

/// The line of progress after a step, with the most important parts first.
package struct ProgressLine {
    /// A part of the line.
    private struct Part {
        let text: String
        /// The importance of the part: the largest number is omitted first. 0 is never omitted.
        let order: Int
    }

    private let parts: [Part]

    /// Creates the line of a step.
    ///
    /// - Parameters:
    ///   - left: The estimated time until the end, in seconds.
    ///   - hasBar: Whether the line begins with the time left and a bar, as on a terminal, instead of the step.
    package init(_ metrics: StepMetrics, steps: Int, left: Double, hasBar: Bool) {
        var parts: [Part] = []
        func add(_ text: String, _ order: Int) { parts.append(Part(text: text, order: order)) }
        if hasBar {
            let width = 16
            let filled = width * metrics.step / steps
            add("\(left.duration) left", 0)
            add(String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled), 9)
            add("\(metrics.step)/\(steps)", 1)
        } else {
            add("step \(metrics.step)/\(steps)", 1)
            add("\(left.duration) left", 0)
        }
        add("loss \(metrics.loss.fixed(3))", 2)
        if let loss = metrics.validationLoss { add("validation \(loss.fixed(3))", 3) }
        add("\(Int(Double(metrics.tokens) / metrics.seconds)) tokens/s", 4)
        add("bubble \(metrics.bubble?.percent ?? "-")", 5)
        if let hidden = metrics.hiddenCommunication { add("hidden communication \(hidden.percent)", 7) }
        if let exposed = metrics.exposed, let most = exposed.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            add("exposed \(exposed.values.reduce(0, +).percent), mostly \(most.key)", 6)
        }
        add("expert balance \(metrics.expertBalance?.fixed(2) ?? "-")", 8)
        if let balance = metrics.deviceBalance { add("device balance \(balance.fixed(2))", 8) }
        self.parts = parts
    }

    /// Returns the line. The least important parts are omitted until the line fits into `width` characters.
    package func text(width: Int = .max) -> String {
        var parts = parts
        while parts.reduce(-2, { $0 + $1.text.count + 2 }) > width,
            let last = parts.indices.max(by: { parts[$0].order < parts[$1].order }), parts[last].order > 0
        {
            parts.remove(at: last)
        }
        return parts.map(\.text).joined(separator: "  ")
    }
}
