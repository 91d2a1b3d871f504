import LibTorch
import TestSupport
import Testing

@Suite("Autograd") struct AutogradTests {
    @Test("A leaf requires a gradient, and so does what depends on it")
    func leaves() throws {
        let plain = try Tensor([1, 2] as [Double], shape: [2])
        #expect(!plain.requiresGradient)
        let leaf = try plain.leaf()
        #expect(leaf.requiresGradient)
        #expect(try leaf.times(2).requiresGradient)
        #expect(try !plain.times(2).requiresGradient)
        #expect(try !leaf.times(2).leaf(requiresGradient: false).requiresGradient)
        #expect(try leaf.gradient() == nil)
    }

    @Test("A leaf shares the values of its tensor")
    func leafSharesValues() throws {
        let plain = try Tensor([1, 2] as [Double], shape: [2])
        let leaf = try plain.leaf()
        try plain.scale(by: 3)
        #expect(try leaf.doubles() == [3, 6])
    }

    @Test("Several outputs add their gradients, scaled by the given gradients")
    func severalOutputs() throws {
        let leaf = try Tensor([1, 2] as [Double], shape: [2]).leaf()
        let double = try leaf.times(2)
        try Tensor.backward(
            [double, leaf.times(leaf).sum()], gradients: [Tensor([1, 10] as [Double], shape: [2]), nil])
        #expect(try leaf.gradient()?.doubles() == [2 + 2, 20 + 4])
    }

    @Test("A second backward pass adds to the gradient")
    func accumulation() throws {
        let leaf = try Tensor([1, 2] as [Double], shape: [2]).leaf()
        for _ in 0..<2 { try Tensor.backward([leaf.times(3).sum()], gradients: [nil]) }
        #expect(try leaf.gradient()?.doubles() == [6, 6])
    }

    @Test("Gradients of a bfloat16 leaf accumulate in a float32 buffer, however they are computed")
    func preciseBuffer() throws {
        // In bfloat16, 256 + 1 is 256.
        let count = 1000
        func buffer(_ shape: [Int], _ leaf: Tensor) throws -> Tensor {
            let buffer = try Tensor.zeros(shape, .float32)
            try leaf.setGradient(buffer)
            return buffer
        }
        let ones = try Tensor.full([1, 1], .bfloat16, 1)
        let plain = try ones.reshaped([1]).leaf()
        let plainBuffer = try buffer([1], plain)
        for _ in 0..<count { try Tensor.backward([plain.times(1).sum()], gradients: [nil]) }

        let weight = try ones.leaf()
        let weightBuffer = try buffer([1, 1], weight)
        let weights = try WeightGradients()
        for _ in 0..<count { try Tensor.backward([ones.linear(weight, weights).sum()], gradients: [nil]) }
        try weights.run()

        let table = try ones.leaf()
        let tableBuffer = try buffer([1, 1], table)
        let tokens = try Tensor.zeros([count / 2], .int64)
        for _ in 0..<2 { try Tensor.backward([table.embedding(of: tokens).sum()], gradients: [nil]) }
        for gradient in [plainBuffer, weightBuffer, tableBuffer] { #expect(try gradient.doubles() == [1000]) }
        #expect(try plain.type == .bfloat16)
    }

    @Test("The gradient of an embedding adds the rows of each token in order, bit for bit", arguments: [1, 2, 5, 700])
    func embeddingOrder(count: Int) throws {
        var generator = SeededGenerator(UInt64(count))
        let tokens = (0..<count).map { _ in Int.random(in: 0..<6, using: &generator) * 2 }
        let seed = try Tensor.normal([count, 3], .float32, seed: 1)
        let rows = try seed.doubles().map(Float.init)
        var sums = [[Float]](repeating: [0, 0, 0], count: 12)
        for (index, token) in tokens.enumerated() {
            for column in 0..<3 { sums[token][column] += rows[3 * index + column] }
        }
        // The gradient that is there before is added last.
        let before = try Tensor.normal([12, 3], .float32, seed: 2)
        let expected = zip(try before.doubles().map(Float.init), sums.flatMap { $0 }).map { Double($0 + $1) }
        let table = try Tensor.zeros([12, 3], .float32).leaf()
        try table.setGradient(before)
        let output = try table.embedding(of: Tensor(tokens, shape: [count]))
        try Tensor.backward([output], gradients: [seed])
        #expect(try before.doubles() == expected)
    }

    @Test("The embedding of no tokens has no gradient") func emptyEmbedding() throws {
        let table = try Tensor.full([2, 3], .float32, 1).leaf()
        let output = try table.embedding(of: .zeros([0], .int64))
        #expect(output.shape == [0, 3])
        try Tensor.backward([output.sum()], gradients: [nil])
        #expect(try table.gradient()?.squaredNorm().double() == 0)
    }

    @Test("A backward pass without outputs does nothing")
    func noOutputs() throws {
        try Tensor.backward([], gradients: [])
    }

    @Test("Gradients accumulate in the buffer that was set, until it is removed")
    func gradientBuffer() throws {
        let leaf = try Tensor([1, 2] as [Double], shape: [2]).leaf()
        let buffer = try Tensor([100, 200] as [Double], shape: [2])
        try leaf.setGradient(buffer)
        try Tensor.backward([leaf.times(3).sum()], gradients: [nil])
        #expect(try buffer.doubles() == [103, 203])
        try leaf.setGradient(nil)
        #expect(try leaf.gradient() == nil)
        try Tensor.backward([leaf.times(3).sum()], gradients: [nil])
        #expect(try buffer.doubles() == [103, 203])
        #expect(try leaf.gradient()?.doubles() == [3, 3])
    }

    @Test("Operations are not recorded while gradients are disabled, even after an error")
    func disabledGradients() throws {
        let leaf = try Tensor([1, 2] as [Double], shape: [2]).leaf()
        #expect(try LibTorchRuntime.withoutGradients { try !leaf.times(2).requiresGradient })
        let isRecorded = try LibTorchRuntime.withoutGradients {
            try LibTorchRuntime.withGradients(true) { try leaf.times(2).requiresGradient }
        }
        #expect(isRecorded)
        #expect(throws: LibTorchError.self) { try LibTorchRuntime.withoutGradients { try leaf.reshaped([3]) } }
        #expect(try leaf.times(2).requiresGradient)
    }

    @Test("In-place operations change a leaf that requires a gradient")
    func inPlaceOnALeaf() throws {
        let leaf = try Tensor([1, 2] as [Double], shape: [2]).leaf()
        try leaf.add(Tensor([10, 20] as [Double], shape: [2]), scaledBy: 0.5)
        #expect(try leaf.doubles() == [6, 12])
        #expect(leaf.requiresGradient)
    }
}
