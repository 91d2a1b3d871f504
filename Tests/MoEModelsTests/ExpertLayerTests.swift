import LibTorch
import MoEModels
import Testing

@Suite("Expert layer") struct ExpertLayerTests {
    @Test(
        "Rows of several ranks pass through their experts and keep their order",
        arguments: [
            ([[2, 0, 1, 3]], 0), ([[1, 2, 0, 1], [0, 3, 2, 0]], 0), ([[1, 2, 0, 1], [0, 3, 2, 0]], 1),
            ([[0, 0, 0, 0], [2, 1, 0, 0]], 0), ([[0, 0, 0, 0], [2, 1, 0, 0]], 1),
        ])
    func order(gathered: [[Int]], index: Int) throws {
        let ranks = gathered.count
        let share = ParameterSet.ExpertShare(index: index, count: ranks)
        var parameters = ParameterSet(share: share)
        let experts = share.experts(of: 4)
        let specifications = ExpertLayer.parameters(
            prefix: "", width: 3, innerWidth: 2, count: 4, start: .normal(deviation: 1))
        for specification in specifications {
            parameters.add(
                specification.name, try specification.startingValues(seed: 1, share: share, type: .float64))
            #expect(parameters[specification.name].shape == parameters.localShape(specification))
        }
        let layer = ExpertLayer(prefix: "", parameters: parameters, count: 4)
        // The local expert of each row, in the order of arrival.
        let owners = gathered.flatMap { counts in
            experts.flatMap { Array(repeating: $0 - experts.lowerBound, count: counts[$0]) }
        }
        let rows = try Tensor.normal([owners.count, 3], .float64, seed: 2)
        let factors = try Tensor.normal([owners.count, 1], .float64, seed: 3)
        let weights = try WeightGradients()
        let output = try layer(
            rows, weights: factors, counts: GatheredCounts(Tensor(gathered.flatMap { $0 }, shape: [ranks, 4])), weights)
        #expect(output.shape == [owners.count, 3])
        for (row, owner) in owners.enumerated() {
            let counts = (0..<experts.count).map { $0 == owner ? 1 : 0 }
            let expected = try rows.narrowed(0, row..<row + 1).experts(
                counts: counts, up: parameters["experts.up"], down: parameters["experts.down"],
                factors: factors.narrowed(0, row..<row + 1), weights)
            let own = try output.narrowed(0, row..<row + 1).doubles()
            for (own, expected) in zip(own, try expected.doubles()) { #expect(abs(own - expected) < 1e-13) }
        }
    }

    @Test("Every layout starts with the same experts")
    func sharesOfExperts() throws {
        let specification = ExpertLayer.parameters(
            prefix: "layers.1.", width: 3, innerWidth: 2, count: 4, start: .normal(deviation: 0.02))[0]
        func values(_ index: Int, of count: Int) throws -> [Double] {
            try specification.startingValues(
                seed: 9, share: ParameterSet.ExpertShare(index: index, count: count), type: .float64
            ).doubles()
        }
        let whole = try values(0, of: 1)
        #expect(whole.count == specification.elementCount && Set(whole).count == whole.count)
        for count in [2, 4] { #expect(try (0..<count).flatMap { try values($0, of: count) } == whole) }
    }
}
