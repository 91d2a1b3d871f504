import LibTorch
import Testing

@Suite("Memory of attention", .serialized) struct AttentionMemoryTests {
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
}
