import LibTorch
import Testing

@Suite struct TensorTests {
    @Test func valuesComeBack() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
        #expect(tensor.shape == [2, 3] && tensor.byteCount == 48)
        #expect(try tensor.type == .float64)
        #expect(try tensor.transposed(0, 1).doubles() == [1, 4, 2, 5, 3, 6])
        #expect(try Tensor([7, 8], shape: [2]).integers() == [7, 8])
        #expect(LibTorchRuntime.version.hasPrefix("2."))
    }

    @Test func libTorchsMessageIsTheErrors() throws {
        let left = try Tensor.zeros([2, 3], .float32)
        let error = #expect(throws: LibTorchError.self) { try left.matmul(left) }
        #expect(error?.message.contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)") == true)
        #expect(error?.message.contains("Exception raised") == false)
    }

    @Test func aSeedDecidesTheNumbers() throws {
        let first = try Tensor.normal([100], .float64, seed: 7).doubles()
        #expect(first == (try Tensor.normal([100], .float64, seed: 7).doubles()))
        #expect(first != (try Tensor.normal([100], .float64, seed: 8).doubles()))
        let single = try Tensor.normal([100], .float32, seed: 7).doubles()
        #expect(zip(first, single).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func finiteIsToldOfEachValue() throws {
        func isFinite(_ values: [Double]) throws -> Bool {
            try Tensor(values, shape: [values.count]).converted(to: .float32).isFinite()
        }
        #expect(try isFinite([1, -2, 0]))
        #expect(try isFinite([]))
        #expect(try isFinite([3e38, 3e38]), "a sum that overflows is no value that does")
        #expect(try !isFinite([1, .nan]))
        #expect(try !isFinite([1, .infinity]))
        #expect(try !isFinite([.infinity, -.infinity]))
    }

    /// 10⁴ rounds of small operations, a graph among them, leave no byte behind.
    @Test func nothingLeaks() throws {
        try TensorMemory.startCounting()
        let weight = try Tensor.normal([8, 8], .float32, seed: 1).leaf()
        try weight.setGradient(try Tensor.zeros([8, 8], .float32))
        let input = try Tensor.normal([4, 8], .float32, seed: 2)
        func round() throws {
            let weights = try WeightGradients()
            let leaf = try input.leaf()
            let output = try leaf.linear(weight, weights).silu().sum()
            try Tensor.backward([output], gradients: [nil])
            try weights.run()
        }
        try round()
        let before = TensorMemory.live
        for _ in 0..<10_000 { try round() }
        #expect(TensorMemory.live == before)
    }
}
