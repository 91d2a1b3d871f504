import LibTorch

/// The values that a segment frees after its forward and computes again before its backward. The graph of autograd
/// remains, so that only the functions that made these values run again.
public final class RecomputedValues {
    private var groups: [(values: [Tensor], compute: () throws -> [Tensor])] = []

    package init() {}

    /// Returns the values of `compute`, which must be deterministic and must not keep a ``SegmentContext``.
    func callAsFunction(_ compute: @escaping () throws -> [Tensor]) throws -> [Tensor] {
        let values = try compute()
        groups.append((values, compute))
        return values
    }

    /// Frees the memory of the values.
    package func free() throws {
        for group in groups { for value in group.values { try value.freeValues() } }
    }

    /// Computes the values again, in the order of the forward.
    package func restore() throws {
        let groups = groups
        self.groups = []
        try LibTorchRuntime.withoutGradients {
            for (values, compute) in groups {
                for (value, source) in zip(values, try compute()) { try value.takeValues(of: source) }
            }
        }
    }
}
