import SchedulePlanning
import TrainingRecipes

/// Windows of one source, each at a random position.
struct RandomWindows {
    private let pieces: [TokenSplit.Piece]
    private let length: Int
    private let seed: UInt64
    private let part: TokenSource.Part

    init(_ pieces: [TokenSplit.Piece], length: Int, seed: UInt64, part: TokenSource.Part) {
        self.pieces = pieces
        self.length = length
        self.seed = seed
        self.part = part
    }

    /// Returns the window of a sequence of a step's batch.
    func window(step: Int, sequence: Int) -> TokenSplit.Piece {
        // All starts are equally likely.
        let starts = pieces.reduce(0) { $0 + $1.tokens.count - length + 1 }
        var generator = SplitMix64(seed: seed, part.key, UInt64(step), UInt64(sequence))
        var start = Int(generator.next() % UInt64(starts))
        for piece in pieces {
            let room = piece.tokens.count - length + 1
            if start < room {
                let first = piece.tokens.lowerBound + start
                return TokenSplit.Piece(file: piece.file, tokens: first..<first + length)
            }
            start -= room
        }
        preconditionFailure("a start lies in one of the pieces")
    }
}
