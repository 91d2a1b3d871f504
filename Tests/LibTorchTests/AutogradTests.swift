import LibTorch
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
