package import TrainingRecipes

/// The windows of a source one after the other. The targets at the end of a window are the next window's first tokens.
package struct WindowList {
    private let pieces: [TokenSplit.Piece]
    /// The number of windows up to the end of each piece.
    private let ends: [Int]
    private let stride: Int
    private let length: Int

    /// Lists the windows of `length` tokens, each `stride` tokens after the one before. The tokens after the last whole
    /// window of a piece are not read.
    package init(_ pieces: [TokenSplit.Piece], stride: Int, length: Int) {
        self.pieces = pieces
        self.stride = stride
        self.length = length
        var end = 0
        ends = pieces.map { piece in
            end += piece.tokens.count < length ? 0 : (piece.tokens.count - length) / stride + 1
            return end
        }
    }

    /// The number of windows.
    package var count: Int { ends.last ?? 0 }

    /// Returns a window by its index.
    ///
    /// - Complexity: O(log pieces).
    package subscript(index: Int) -> TokenSplit.Piece {
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > index { high = middle } else { low = middle + 1 }
        }
        let before = low == 0 ? 0 : ends[low - 1]
        let first = pieces[low].tokens.lowerBound + (index - before) * stride
        return TokenSplit.Piece(file: pieces[low].file, tokens: first..<first + length)
    }
}
