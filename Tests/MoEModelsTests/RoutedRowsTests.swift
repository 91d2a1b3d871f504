import LibTorch
import MoEModels
import TestSupport
import Testing

@Suite("Routed rows") struct RoutedRowsTests {
    /// Distinct experts for each of `tokens` tokens, out of `count`, of which the `empty` are not used.
    private static func choices(tokens: Int, chosen: Int, count: Int, empty: Set<Int> = []) -> [[Int]] {
        var generator = SeededGenerator(UInt64(tokens * 100 + chosen * 10 + count))
        let used = (0..<count).filter { !empty.contains($0) }
        return (0..<tokens).map { _ in Array(used.shuffled(using: &generator).prefix(chosen)) }
    }

    private static func rows(_ tensor: Tensor) throws -> [[Double]] {
        let values = try tensor.doubles()
        let width = tensor.shape[1]
        return (0..<tensor.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    @Test("Rows are sorted by expert, then by token, and counted per expert; experts may be empty")
    func order() throws {
        let h_TD = try Tensor([10, 20, 30] as [Double], shape: [3, 1])
        let routed = try RoutedRows(h_TD, experts: Tensor([3, 1, 1, 0, 3, 1], shape: [3, 2]), of: 5)
        #expect(try routed.rows.doubles() == [20, 10, 20, 30, 10, 30])
        #expect(try routed.counts_E.integers() == [1, 3, 0, 2, 0])
        #expect(try routed.places.integers() == [4, 1, 2, 0, 5, 3])
    }

    @Test(
        "Every choice of every token has the token's row at its index",
        arguments: [(1, 1, 1), (7, 1, 3), (7, 2, 4), (16, 3, 8), (5, 4, 4)])
    func places(tokens: Int, chosen: Int, count: Int) throws {
        let experts = Self.choices(tokens: tokens, chosen: chosen, count: count)
        let h_TD = try Tensor.normal([tokens, 3], .float64, seed: 1)
        let routed = try RoutedRows(
            h_TD, experts: Tensor(experts.flatMap { $0 }, shape: [tokens, chosen]), of: count)
        let counts = try routed.counts_E.integers()
        #expect(counts == (0..<count).map { expert in experts.filter { $0.contains(expert) }.count })
        let places = try routed.places.integers()
        #expect(places.sorted() == Array(0..<tokens * chosen))
        let (rows, inputs) = (try Self.rows(routed.rows), try Self.rows(h_TD))
        let starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        for token in 0..<tokens {
            for choice in 0..<chosen {
                let (index, expert) = (places[token * chosen + choice], experts[token][choice])
                #expect(rows[index] == inputs[token])
                #expect((starts[expert]..<starts[expert + 1]).contains(index))
            }
        }
    }

    @Test(
        "Merging with weights that add up to 1 restores the tokens",
        arguments: [(1, 1, 1), (7, 1, 3), (7, 2, 4), (16, 4, 8)])
    func inverse(tokens: Int, chosen: Int, count: Int) throws {
        let experts = Self.choices(tokens: tokens, chosen: chosen, count: count)
        let h_TD = try Tensor.normal([tokens, 3], .float64, seed: 2)
        let routed = try RoutedRows(
            h_TD, experts: Tensor(experts.flatMap { $0 }, shape: [tokens, chosen]), of: count)
        let weights_TK = try Tensor.full([tokens, chosen], .float64, 1 / Double(chosen))
        let weighted = try routed.rows.times(routed.weights(weights_TK))
        let merged = try RoutedRows.merge(weighted, places: routed.places)
        #expect(merged.shape == [tokens, 3])
        for (own, expected) in zip(try merged.doubles(), try h_TD.doubles()) { #expect(abs(own - expected) < 1e-15) }
    }

    @Test("A weighted merge multiplies the output of each expert with the token's own weight")
    func weightedMerge() throws {
        let experts = Self.choices(tokens: 6, chosen: 2, count: 5, empty: [0, 3])
        let h_TD = try Tensor.normal([6, 2], .float64, seed: 3)
        let routed = try RoutedRows(h_TD, experts: Tensor(experts.flatMap { $0 }, shape: [6, 2]), of: 5)
        let counts = try routed.counts_E.integers()
        #expect(counts[0] == 0 && counts[3] == 0)
        // Expert e multiplies its rows by e + 1.
        let factors = counts.enumerated().flatMap { Array(repeating: Double($0 + 1), count: $1) }
        let computed = try routed.rows.times(Tensor(factors, shape: [12, 1]))
        let weights = (0..<12).map { Double($0) - 4 }
        let weighted = try computed.times(routed.weights(Tensor(weights, shape: [6, 2])))
        let merged = try RoutedRows.merge(weighted, places: routed.places)
        let inputs = try Self.rows(h_TD)
        for (token, row) in try Self.rows(merged).enumerated() {
            let factor = (0..<2).reduce(0) { $0 + weights[token * 2 + $1] * Double(experts[token][$1] + 1) }
            for (own, input) in zip(row, inputs[token]) { #expect(abs(own - factor * input) < 1e-13) }
        }
    }

    @Test("The gradient of a token is the sum of the gradients of its rows")
    func gradient() throws {
        let h_TD = try Tensor.normal([3, 2], .float64, seed: 4).leaf()
        let routed = try RoutedRows(h_TD, experts: Tensor([2, 0, 0, 1, 1, 2], shape: [3, 2]), of: 3)
        // Rows of expert e have the gradient 10^e.
        let seed = try Tensor([1, 1, 10, 10, 100, 100].flatMap { [$0, $0] } as [Double], shape: [6, 2])
        try Tensor.backward([routed.rows], gradients: [seed])
        #expect(try h_TD.gradient()?.doubles() == [101, 101, 11, 11, 110, 110])
    }

    @Test("No tokens give no rows and empty experts")
    func noTokens() throws {
        let routed = try RoutedRows(.zeros([0, 3], .float64), experts: .zeros([0, 2], .int64), of: 4)
        #expect(routed.rows.shape == [0, 3])
        #expect(try routed.counts_E.integers() == [0, 0, 0, 0])
        #expect(try routed.weights(.zeros([0, 2], .float64)).shape == [0, 1])
        let merged = try RoutedRows.merge(routed.rows, places: routed.places)
        #expect(merged.shape == [0, 3])
    }
}
