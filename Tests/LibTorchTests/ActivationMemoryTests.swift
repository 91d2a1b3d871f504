import LibTorch
import Testing

@Suite("Memory of activations", .serialized) struct ActivationMemoryTests {
    private static let length = 4096

    /// Returns the peak of the memory that `body` allocates, in bytes.
    private func peak(_ body: () throws -> Void) throws -> Int {
        try TensorMemory.startCounting()
        let before = TensorMemory.live
        TensorMemory.resetPeak()
        try body()
        return TensorMemory.peak - before
    }

    @Test(
        "Latent attention and its backward allocate less than a byte per pair of positions, so no tensor of all pairs",
        arguments: [ElementType.float32, .float64, .bfloat16])
    func latentAttention(type: ElementType) throws {
        let (length, plain, rotary, values) = (Self.length, 4, 4, 4)
        let shapes = [[1, length, 1, plain + rotary], [1, length, 1, plain + values], [1, length, rotary]]
        let leaves = try shapes.enumerated().map { seed, shape in
            try Tensor.normal(shape, type, seed: UInt64(seed)).leaf()
        }
        let table = try Tensor.full([length, rotary / 2], type, 0.5)
        let gradient = try Tensor.full([1, length, values], type, 1)
        let bytes = try peak {
            let mixed = try leaves[0].latentAttention(
                keysAndValues: leaves[1], rotaryKeys: leaves[2], cosines: table, sines: table, scale: 0.5)
            try Tensor.backward([mixed], gradients: [gradient])
        }
        #expect(bytes > length * values)
        #expect(bytes < length * length)
    }

    @Test("Attention over cached keys allocates less than a byte per pair of positions")
    func prompt() throws {
        let queries = try Tensor.normal([1, 1, Self.length, 8], .float32, seed: 1)
        let bytes = try peak { _ = try queries.attention(keys: queries, values: queries, scale: 0.5) }
        #expect(bytes > Self.length * 8)
        #expect(bytes < Self.length * Self.length)
    }

    /// Returns the bytes that the result of `body` keeps for its backward, the result included.
    private func kept(_ body: () throws -> Tensor) throws -> Int {
        try TensorMemory.startCounting()
        let before = TensorMemory.live
        return try withExtendedLifetime(body()) { TensorMemory.live - before }
    }

    @Test("The cross entropy of a bfloat16 head keeps its logits once, in bfloat16")
    func head() throws {
        let (tokens, vocabulary) = (1024, 8192)
        let input = try Tensor.normal([tokens, 4], .bfloat16, seed: 1).leaf()
        let weight = try Tensor.normal([vocabulary, 4], .bfloat16, seed: 2).leaf()
        let targets = try Tensor.range(tokens, .int64)
        let weights = try WeightGradients()
        let bytes = try kept { try input.linearCrossEntropy(weight, targets: targets, weights) }
        #expect(bytes >= 2 * tokens * vocabulary)
        #expect(bytes < 2 * tokens * vocabulary + 100_000)
    }

    @Test("A merge keeps no rows") func merge() throws {
        let (tokens, width) = (64, 256)
        let rows = try Tensor.normal([2 * tokens, width], .float32, seed: 1).leaf()
        let places = try Tensor.range(2 * tokens, .int64).reshaped([tokens, 2])
        let bytes = try kept {
            let (input, leaf) = try rows.input()
            let merged = try input.merged(places: places)
            return withExtendedLifetime(leaf) { merged }
        }
        // The result alone takes half as much as the rows.
        #expect(bytes < rows.byteCount * 3 / 4)
    }
}
