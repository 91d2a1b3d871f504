import SchedulePlanning

extension ScheduleSummary {
    static func table(_ summaries: [ScheduleSummary]) -> String {
        let hasBounds = summaries.contains { $0.bound != nil }
        let hasMemory = summaries.contains { $0.peakMemory != nil }
        return TextTable(
            header: [
                "schedule", "step ms", "bubble %", "peak activations µb", "parameters", "stages per rank", "devices",
                "µb/s/device",
            ] + (hasMemory ? ["peak GB"] : []) + (hasBounds ? ["bound ms", "gap %"] : []),
            rows: summaries.map { $0.cells(withMemory: hasMemory, withBound: hasBounds) }
        ).render()
    }

    static func csv(_ summaries: [ScheduleSummary]) -> String {
        let header = [
            "schedule", "step_ms", "bubble_percent", "peak_activations", "parameters", "stages_per_rank", "devices",
            "microbatches_per_second_per_device", "peak_gb", "bound_ms", "gap_percent",
        ]
        return csvText([header] + summaries.map { $0.cells(withMemory: true, withBound: true) })
    }

    private func cells(withMemory: Bool, withBound: Bool) -> [String] {
        var cells = [
            name, fixed(Double(stepTime) / 1e6), fixed(100 * bubbleShare), fixed(peakActivations), fixed(parameters),
            String(stagesPerRank), String(devices), fixed(throughput),
        ]
        if withMemory { cells.append(peakMemory.map { fixed(Double($0) / 1e9) } ?? "") }
        if withBound {
            cells.append(bound.map { fixed(Double($0) / 1e6) } ?? "")
            cells.append(gap.map { fixed(100 * $0) } ?? "")
        }
        return cells
    }

    private func fixed(_ value: Double) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
