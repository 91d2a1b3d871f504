import LibTorch
import Testing

@Suite("Deferred weight gradients") struct WeightGradientsTests {
    private func difference(_ left: Tensor, _ right: Tensor) throws -> Double {
        let scale = max(try right.squaredNorm().double().squareRoot(), 1e-300)
        return try left.adding(right, scaledBy: -1).squaredNorm().double().squareRoot() / scale
    }

    @Test("A linear layer has autograd's gradients once its weight products have run") func linear() throws {
        let weight = try Tensor.normal([5, 3], .float64, seed: 1).leaf()
        let input = try Tensor.normal([2, 4, 3], .float64, seed: 2).leaf()
        let gradient = try Tensor.normal([2, 4, 5], .float64, seed: 3)
        let weights = try WeightGradients()
        try Tensor.backward([try input.linear(weight, weights)], gradients: [gradient])
        #expect(try weight.gradient() == nil)
        #expect(weights.pendingProducts == 1)
        let before = WeightGradients.productsRun
        try weights.run()
        #expect(WeightGradients.productsRun == before + 1 && weights.pendingProducts == 0)

        let plainWeight = try weight.leaf()
        let plainInput = try input.leaf()
        try Tensor.backward([try plainInput.matmul(plainWeight.transposed())], gradients: [gradient])
        #expect(try difference(try #require(try weight.gradient()), try #require(try plainWeight.gradient())) < 1e-14)
        #expect(try difference(try #require(try input.gradient()), try #require(try plainInput.gradient())) < 1e-14)
    }

    @Test(
        "Grouped experts have the outputs and gradients of separate matrix products",
        arguments: [(ElementType.float64, 1e-14), (.float32, 1e-5)])
    func groupedExperts(type: ElementType, tolerance: Double) throws {
        let counts = [3, 0, 4, 1]
        let (width, hidden) = (6, 5)
        let rows = try Tensor.normal([8, width], type, seed: 1).leaf()
        let up = try Tensor.normal([4, 2 * hidden, width], type, seed: 2).leaf()
        let down = try Tensor.normal([4, width, hidden], type, seed: 3).leaf()
        let factors = try Tensor.normal([8, 1], type, seed: 5).leaf()
        let gradient = try Tensor.normal([8, width], type, seed: 4)
        let weights = try WeightGradients()
        let output = try rows.experts(counts: counts, up: up, down: down, factors: factors, weights)
        try Tensor.backward([output], gradients: [gradient])
        #expect(weights.pendingProducts == 6)
        try weights.run()

        let exact = try [rows, up, down, factors].map { try $0.converted(to: .float64).leaf() }
        var parts: [Tensor] = []
        var start = 0
        for (expert, count) in counts.enumerated() where count > 0 {
            func weight(_ tensor: Tensor) throws -> Tensor {
                let shape = tensor.shape
                return try tensor.narrowed(0, expert..<expert + 1).reshaped(Array(shape.dropFirst())).transposed()
            }
            let part = try exact[0].narrowed(0, start..<start + count).matmul(weight(exact[1]))
            let active = try part.narrowed(1, 0..<hidden).silu().times(part.narrowed(1, hidden..<2 * hidden))
            parts.append(try active.matmul(weight(exact[2])))
            start += count
        }
        let expected = try Tensor.concatenated(parts, along: 0).times(exact[3])
        try Tensor.backward([expected], gradients: [try gradient.converted(to: .float64)])
        #expect(try difference(try output.converted(to: .float64), expected) < tolerance)
        for (own, reference) in zip([rows, up, down, factors], exact) {
            let gradient = try #require(try own.gradient()).converted(to: .float64)
            #expect(try difference(gradient, try #require(try reference.gradient())) < tolerance)
        }
    }
}
