import ProfilerTraces

extension RunAnalysis {
    /// The notes as lines of text, each with the ranks that it is on.
    var noteLines: [String] { notes.map { prefix(of: $0.ranks) + $0.note.text } }

    private func prefix(of noted: [Int]) -> String {
        guard ranks.count > 1, let first = noted.first else { return "" }
        if noted.count == ranks.count { return "all ranks: " }
        return noted.count == 1 ? "rank \(first): " : "\(noted.count) of \(ranks.count) ranks, first rank \(first): "
    }
}
