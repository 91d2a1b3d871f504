import LibTorch
import Testing

@Suite("Tensors") struct TensorTests {
    @Test("Values, shapes and types are read back in row-major order") func values() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
        #expect(tensor.shape == [2, 3] && tensor.byteCount == 48)
        #expect(try tensor.type == .float64)
        #expect(try tensor.transposed(0, 1).doubles() == [1, 4, 2, 5, 3, 6])
        #expect(try Tensor([7, 8], shape: [2]).integers() == [7, 8])
        #expect(LibTorchRuntime.version.hasPrefix("2."))
    }

    @Test("An error has libtorch's message without the C++ call stack") func errorMessage() throws {
        let left = try Tensor.zeros([2, 3], .float32)
        let error = #expect(throws: LibTorchError.self) { try left.matmul(left) }
        #expect(error?.message.contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)") == true)
        #expect(error?.message.contains("Exception raised") == false)
    }

    @Test("The seed determines normal numbers, the type only rounds them") func seed() throws {
        let first = try Tensor.normal([100], .float64, seed: 7).doubles()
        #expect(first == (try Tensor.normal([100], .float64, seed: 7).doubles()))
        #expect(first != (try Tensor.normal([100], .float64, seed: 8).doubles()))
        let single = try Tensor.normal([100], .float32, seed: 7).doubles()
        #expect(zip(first, single).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("Stacked normal numbers are those of each seed alone") func stackedNumbers() throws {
        for type in [ElementType.float64, .bfloat16] {
            let stacked = try Tensor.normal([2, 50], type, seeds: [7, 8, 9])
            #expect(stacked.shape == [3, 2, 50])
            let single = try [7, 8, 9].flatMap { try Tensor.normal([2, 50], type, seed: $0).doubles() }
            #expect(try stacked.doubles() == single)
        }
    }

    @Test("A tensor is finite if every value is, even if the sum overflows") func finite() throws {
        func isFinite(_ values: [Double]) throws -> Bool {
            try Tensor(values, shape: [values.count]).converted(to: .float32).isFinite().double() == 1
        }
        #expect(try isFinite([1, -2, 0]))
        #expect(try isFinite([]))
        #expect(try isFinite([3e38, 3e38]), "only the sum overflows")
        #expect(try !isFinite([1, .nan]))
        #expect(try !isFinite([1, .infinity]))
        #expect(try !isFinite([.infinity, -.infinity]))
    }

    @Test("10,000 rounds of forward, backward and weight products leak no bytes") func leaks() throws {
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
