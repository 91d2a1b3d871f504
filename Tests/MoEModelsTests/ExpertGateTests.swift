import Foundation
import LibTorch
import MoEModels
import TestSupport
import Testing
import TrainingRecipes

@Suite("Expert gate") struct ExpertGateTests {
    /// A gate whose weight is the identity, so that the score of expert e is the sigmoid of element e of a token.
    private struct IdentityGate {
        let configuration: DeepSeekV3Configuration
        let gate: ExpertGate
        let weight, bias: Tensor
        let weights: WeightGradients

        init(
            experts: Int, groups: Int = 1, chosenGroups: Int = 1, chosen: Int, bias: [Double]? = nil,
            scaling: Double = 2.5, dtype: Recipe.DataType = .float64
        ) throws {
            var c = DeepSeekV3Configuration()
            (c.hiddenSize, c.nRoutedExperts, c.nGroup, c.topkGroup) = (experts, experts, groups, chosenGroups)
            (c.numExpertsPerTok, c.routedScalingFactor, c.dtype) = (chosen, scaling, dtype)
            configuration = c
            let identity = (0..<experts * experts).map { $0 / experts == $0 % experts ? 1.0 : 0 }
            let type = c.elementType
            weight = try Tensor(identity, shape: [experts, experts]).converted(to: type).leaf()
            self.bias = try Tensor(bias ?? Array(repeating: 0, count: experts), shape: [experts])
                .converted(to: type == .bfloat16 ? .float32 : type).leaf()
            var parameters = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
            parameters.add("layers.0.gate", weight)
            parameters.add("layers.0.bias", self.bias)
            gate = ExpertGate(c, prefix: "layers.0.", parameters: parameters)
            weights = try WeightGradients()
        }

        func callAsFunction(_ tokens: [[Double]]) throws -> ExpertGate.Choice {
            let x_TD = try Tensor(tokens.flatMap { $0 }, shape: [tokens.count, configuration.nRoutedExperts])
            return try gate(x_TD.converted(to: configuration.elementType), weights)
        }

        /// The chosen experts of each token, and their weights, by the definition.
        func expected(_ tokens: [[Double]], bias: [Double]) -> [[(expert: Int, weight: Double)]] {
            let c = configuration
            let size = c.nRoutedExperts / c.nGroup
            return tokens.map { token in
                let scores = token.map(ExpertGateTests.sigmoid)
                let biased = zip(scores, bias).map { $0 + $1 }
                let groups = (0..<c.nGroup).sorted { left, right in
                    func best(_ group: Int) -> Double {
                        biased[group * size..<(group + 1) * size].sorted(by: >).prefix(2).reduce(0, +)
                    }
                    return best(left) > best(right)
                }
                let allowed = groups.prefix(c.topkGroup).flatMap { $0 * size..<($0 + 1) * size }
                let chosen = allowed.sorted { biased[$0] > biased[$1] }.prefix(c.numExpertsPerTok)
                let sum = chosen.reduce(0) { $0 + scores[$1] }
                return chosen.map { ($0, scores[$0] / sum * c.routedScalingFactor) }
            }
        }
    }

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    @Test("Weights are the chosen sigmoid scores, normalized and multiplied by the routed scaling factor")
    func weights() throws {
        let choice = try IdentityGate(experts: 4, chosen: 2, scaling: 3)([[2, 0, 1, -1], [-3, -2, -1, -4]])
        #expect(try choice.experts_TK.integers() == [0, 2, 2, 1])
        let scores = try choice.scores_TE.doubles()
        let expectedScores = [2, 0, 1, -1, -3, -2, -1, -4].map(Self.sigmoid)
        for (own, expected) in zip(scores, expectedScores) { #expect(abs(own - expected) < 1e-15) }
        let weights = try choice.weights_TK.doubles()
        let expectedWeights = [(2.0, 1.0), (1, 2), (-1, -2), (-2, -1)].map { own, other in
            3 * Self.sigmoid(own) / (Self.sigmoid(own) + Self.sigmoid(other))
        }
        try #require(weights.count == 4)
        for (own, expected) in zip(weights, expectedWeights) { #expect(abs(own - expected) < 1e-15) }
        #expect(abs(weights[0] + weights[1] - 3) < 1e-15)
    }

    @Test("The bias selects experts and does not change their weights")
    func bias() throws {
        let token = [2.0, 0, 1, -1]
        let choice = try IdentityGate(experts: 4, chosen: 2, bias: [0, 0, 0, 5])([token])
        #expect(try choice.experts_TK.integers() == [3, 0])
        let sum = Self.sigmoid(-1) + Self.sigmoid(2)
        let weights = try choice.weights_TK.doubles()
        #expect(abs(weights[0] - 2.5 * Self.sigmoid(-1) / sum) < 1e-15)
        #expect(abs(weights[1] - 2.5 * Self.sigmoid(2) / sum) < 1e-15)
    }

    @Test("Groups compete by the sum of their two best experts, so the best expert of all may be left out")
    func groupLimit() throws {
        let token = [3, -5, 1.1, 1, 1.5, 1.2, -1, -1]
        let limited = try IdentityGate(experts: 8, groups: 4, chosenGroups: 2, chosen: 3)([token])
        #expect(try limited.experts_TK.integers() == [4, 5, 2])
        let unlimited = try IdentityGate(experts: 8, groups: 4, chosenGroups: 4, chosen: 3)([token])
        #expect(try unlimited.experts_TK.integers() == [0, 4, 5])
    }

    @Test("In a bfloat16 model, scores, the choice of experts and the balance loss are those of float32")
    func bfloat16() throws {
        // The scores of experts 0 and 1, and the sums with the biases of experts 2 and 3, are equal in bfloat16.
        let gate = try IdentityGate(experts: 4, chosen: 2, bias: [0, 0, 0.5, 0.501], dtype: .bfloat16)
        let tokens = [[5, 5.03125, 0, 0], [5.03125, 5, 0, 0], [-9, -9, 3, 3]]
        let choice = try gate(tokens)
        #expect(try choice.scores_TE.type == .float32)
        #expect(try choice.experts_TK.integers() == [3, 2, 3, 2, 3, 2])
        for (own, expected) in zip(try choice.scores_TE.doubles(), tokens.flatMap { $0.map(Self.sigmoid) }) {
            #expect(abs(own - expected) < 1e-7)
        }
        let unbiased = try IdentityGate(experts: 4, chosen: 1, dtype: .bfloat16)
        #expect(try unbiased(tokens).experts_TK.integers().prefix(2) == [1, 0])
        #expect(try choice.weights_TK.type == .bfloat16)
        let exact = try IdentityGate(experts: 4, chosen: 2, bias: [0, 0, 0.5, 0.501])
        let loss = try gate.gate.balanceLoss(choice, sequences: 1)
        #expect(try loss.type == .float32)
        #expect(abs(try loss.double() - exact.gate.balanceLoss(exact(tokens), sequences: 1).double()) < 1e-6)
    }

    @Test("The gradients of the gate's weight and of the tokens in a bfloat16 model are those of float64, rounded")
    func bfloat16Gradients() throws {
        let gradients = try [Recipe.DataType.float64, .bfloat16].map { dtype in
            let gate = try IdentityGate(experts: 4, chosen: 2, dtype: dtype)
            let type = gate.configuration.elementType
            try gate.weight.setGradient(.zeros([4, 4], type == .bfloat16 ? .float32 : type))
            let tokens = try Tensor([0.5, -0.25, 1, 0.75], shape: [1, 4]).converted(to: type).leaf()
            let choice = try gate.gate(tokens, gate.weights)
            let seed = try Tensor([1.0, -2], shape: [1, 2]).converted(to: type)
            try Tensor.backward([choice.weights_TK], gradients: [seed])
            try gate.weights.run()
            return try [#require(try gate.weight.gradient()).doubles(), #require(try tokens.gradient()).doubles()]
        }
        // The gradient of the weight is float32; that of the tokens is rounded to bfloat16.
        for (own, expected) in zip(gradients[1][0], gradients[0][0]) { #expect(abs(own - expected) < 1e-6) }
        for (own, expected) in zip(gradients[1][1], gradients[0][1]) {
            #expect(abs(own - expected) <= abs(expected) / 256 + 1e-6)
        }
    }

    @Test("The bias takes part in the choice of groups")
    func biasOfGroups() throws {
        let choice = try IdentityGate(
            experts: 4, groups: 2, chosenGroups: 1, chosen: 1, bias: [0, 0, 0, 2])([[2, 2, 1, -9]])
        #expect(try choice.experts_TK.integers() == [3])
    }

    @Test(
        "Random tokens are routed as the definition says",
        arguments: [(8, 4, 2, 2), (8, 2, 1, 3), (8, 4, 3, 4), (6, 3, 3, 2), (4, 4, 2, 2), (5, 1, 1, 5), (16, 2, 1, 8)])
    func randomTokens(experts: Int, groups: Int, chosenGroups: Int, chosen: Int) throws {
        var generator = SeededGenerator(UInt64(experts * 100 + groups * 10 + chosen))
        let tokens = (0..<40).map { _ in (0..<experts).map { _ in Double.random(in: -3...3, using: &generator) } }
        let bias = (0..<experts).map { _ in Double.random(in: -0.3...0.3, using: &generator) }
        let gate = try IdentityGate(
            experts: experts, groups: groups, chosenGroups: chosenGroups, chosen: chosen, bias: bias)
        let choice = try gate(tokens)
        #expect(choice.experts_TK.shape == [40, chosen] && choice.weights_TK.shape == [40, chosen])
        let expected = gate.expected(tokens, bias: bias).flatMap { $0 }
        #expect(try choice.experts_TK.integers() == expected.map(\.expert))
        for (own, expected) in zip(try choice.weights_TK.doubles(), expected) {
            #expect(abs(own - expected.weight) < 1e-14)
        }
    }

    @Test("Tied experts are chosen once each, from the permitted number of groups, and alike for equal tokens")
    func ties() throws {
        let choice = try IdentityGate(experts: 8, groups: 4, chosenGroups: 2, chosen: 3)(
            Array(repeating: Array(repeating: 0.5, count: 8), count: 5))
        let experts = try choice.experts_TK.integers()
        let first = Array(experts.prefix(3))
        #expect(Set(first).count == 3)
        #expect(Set(first.map { $0 / 2 }).count <= 2)
        #expect(experts == Array(repeating: first, count: 5).flatMap { $0 })
        for weight in try choice.weights_TK.doubles() { #expect(abs(weight - 2.5 / 3) < 1e-15) }
    }

    @Test("The weights have gradients with respect to tokens and the gate's weight, and none to the bias")
    func gradients() throws {
        let gate = try IdentityGate(experts: 4, groups: 2, chosenGroups: 1, chosen: 2)
        let token = [0.5, -0.25, 1, 0.75]
        let factors = [1.0, -2]
        func loss(_ token: [Double]) throws -> Double {
            zip(try gate([token]).weights_TK.doubles(), factors).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let input = try Tensor(token, shape: [1, 4]).leaf()
        let choice = try gate.gate(input, gate.weights)
        try Tensor.backward([choice.weights_TK], gradients: [Tensor(factors, shape: [1, 2])])
        try gate.weights.run()
        let gradient = try #require(try input.gradient()).doubles()
        for index in token.indices {
            var (below, above) = (token, token)
            below[index] -= 1e-6
            above[index] += 1e-6
            let slope = (try loss(above) - loss(below)) / 2e-6
            #expect(abs(gradient[index] - slope) < 1e-8, "element \(index)")
        }
        #expect(gradient.contains { abs($0) > 0.01 })
        #expect(try #require(try gate.weight.gradient()).squaredNorm().double() > 0)
        #expect(try gate.bias.gradient() == nil)
    }

    @Test("The balance loss of evenly chosen experts is 1 per sequence")
    func evenBalance() throws {
        let gate = try IdentityGate(experts: 4, chosen: 1)
        let tokens = (0..<8).map { token in (0..<4).map { $0 == token % 4 ? 2.0 : -2 } }
        #expect(abs(try gate.gate.balanceLoss(gate(tokens), sequences: 2).double() - 2) < 1e-14)
    }

    @Test("The balance loss is the sum of relative frequency times mean score share, per sequence")
    func balanceFormula() throws {
        let gate = try IdentityGate(experts: 4, chosen: 2)
        var generator = SeededGenerator(5)
        let tokens = (0..<6).map { _ in (0..<4).map { _ in Double.random(in: -2...2, using: &generator) } }
        let chosen = gate.expected(tokens, bias: [0, 0, 0, 0])
        var expected = 0.0
        for sequence in [0..<3, 3..<6] {
            for expert in 0..<4 {
                let count = sequence.filter { chosen[$0].contains { $0.expert == expert } }.count
                let shares = sequence.map { token in
                    Self.sigmoid(tokens[token][expert]) / tokens[token].map(Self.sigmoid).reduce(0, +)
                }
                expected += Double(count) / 3 * 4 / 2 * shares.reduce(0, +) / 3
            }
        }
        #expect(abs(try gate.gate.balanceLoss(gate(tokens), sequences: 2).double() - expected) < 1e-14)
    }
}
