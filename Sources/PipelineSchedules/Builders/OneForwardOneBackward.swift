extension Schedule {
    /// 1F1B: one forward per stage from this rank's to the last, then alternately one backward and one forward.
    ///
    /// The bubble is (P-1)(F+B) per rank, as with GPipe, and rank r holds min(P-r, M) activations. Source: Narayanan et
    /// al., "Efficient Large-Scale Language Model Training on GPU Clusters", 2021; the order is that of PyTorch's
    /// `Schedule1F1B`.
    static func oneForwardOneBackward(ranks: Int, microbatches: Int) -> Schedule {
        linear("1F1B", ranks: ranks, microbatches: microbatches) { rank, row in
            for _ in 0..<ranks - rank { row.forward(0) }
            for _ in 0..<microbatches {
                row.backward(0)
                row.forward(0)
            }
        }
    }
}
