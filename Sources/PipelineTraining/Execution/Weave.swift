/// In which order the parts of two overlapped actions run.
struct Weave {
    /// Which of the two actions goes a part further.
    enum Turn {
        case first
        case second
    }

    /// Parts of each action.
    let counts: (first: Int, second: Int)
    /// A turn a part.
    let turns: [Turn]

    /// A part of each in turn, then the rest of the longer one.
    static func alternating(_ first: Int, _ second: Int) -> Weave {
        let both = min(first, second)
        let rest = [Turn](repeating: first > second ? .first : .second, count: abs(first - second))
        return Weave(counts: (first, second), turns: (0..<both).flatMap { _ in [Turn.first, .second] } + rest)
    }
}
