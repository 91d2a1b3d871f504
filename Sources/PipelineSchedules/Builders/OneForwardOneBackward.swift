extension Schedule {
    /// 1F1B: as many forwards as there are stages from here to the last, then one backward, one forward alternately.
    ///
    /// Bubble (P-1)(F+B) per rank, as GPipe; min(P-r, M) activations on rank r. Source: Narayanan et al., "Efficient
    /// Large-Scale Language Model Training on GPU Clusters", 2021; the order is that of PyTorch's `Schedule1F1B`.
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
