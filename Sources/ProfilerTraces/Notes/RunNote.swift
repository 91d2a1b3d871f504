/// A note on one or several ranks of a run.
public struct RunNote: Hashable, Sendable {
    /// The note, with the sums of the counts and times of all ranks.
    public var note: TraceNote
    /// The ranks that the note is on, in ascending order; empty if it is on the run as a whole.
    public var ranks: [Int]

    /// Creates a note on ranks.
    package init(note: TraceNote, ranks: [Int]) {
        self.note = note
        self.ranks = ranks
    }

    /// The notes of ranks, those of one kind as one note, in the order of the kinds.
    static func merged(_ ranks: [RankAnalysis]) -> [RunNote] {
        var merged: [TraceNote.Kind: RunNote] = [:]
        for rank in ranks {
            for note in rank.notes {
                var sum = merged[note.kind] ?? RunNote(note: TraceNote(note.kind), ranks: [])
                sum.note.count += note.count
                sum.note.time += note.time
                if sum.ranks.last != rank.rank { sum.ranks.append(rank.rank) }
                merged[note.kind] = sum
            }
        }
        return merged.values.sorted { $0.note.kind.rawValue < $1.note.kind.rawValue }
    }
}
