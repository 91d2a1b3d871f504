package import LibTorch
import TrainingRecipes

/// The gate, which chooses the experts of each token and their weights.
///
/// The score of an expert is a sigmoid. Each token selects experts by score plus bias; the biases balance the load. The
/// token first selects the groups with the largest sum of their two best experts, then the best experts in these
/// groups. The weights are the selected scores without the bias, normalized to sum 1 and multiplied by the routed
/// scaling factor. Scores, biases and the balance loss of a bfloat16 model are float32.
///
/// Source: DeepSeek-V3 report, 2024, "auxiliary-loss-free load balancing", and Wang et al., 2024.
package struct ExpertGate {
    private let configuration: DeepSeekV3Configuration
    private let weight, bias: Tensor

    package static func parameters(_ c: DeepSeekV3Configuration, prefix: String) -> [ParameterSpecification] {
        [
            ParameterSpecification(
                prefix + "gate", [c.nRoutedExperts, c.hiddenSize], start: .normal(deviation: c.initializerRange)),
            ParameterSpecification(
                prefix + "bias", [c.nRoutedExperts], start: .constant(0), decays: false, isTrained: false),
        ]
    }

    package init(_ configuration: DeepSeekV3Configuration, prefix: String, parameters: ParameterSet) {
        self.configuration = configuration
        weight = parameters[prefix + "gate"]
        bias = parameters[prefix + "bias"]
    }

    /// The routing of the tokens of a micro-batch.
    package struct Choice {
        /// The chosen experts, int64 [T, K].
        package let experts_TK: Tensor
        /// The weights of the chosen experts, [T, K].
        package let weights_TK: Tensor
        /// The scores of all experts, [T, experts].
        package let scores_TE: Tensor
    }

    /// Routes the tokens `x_TD` [T, D]. `weights` keeps the deferred product of the gate's weight gradient.
    package func callAsFunction(_ x_TD: Tensor, _ weights: WeightGradients) throws -> Choice {
        let c = configuration
        let scores_TE = try x_TD.linear(weight, weights, in: c.elementType.accumulated).sigmoid()
        let experts_TK = try LibTorchRuntime.withoutGradients { try choose(scores_TE) }
        let chosen_TK = try scores_TE.gathered(1, experts_TK)
        let weights_TK = try chosen_TK.divided(by: chosen_TK.sum(1, keepsDimension: true)).times(c.routedScalingFactor)
            .converted(to: c.elementType)
        return Choice(experts_TK: experts_TK, weights_TK: weights_TK, scores_TE: scores_TE)
    }

    private func choose(_ scores_TE: Tensor) throws -> Tensor {
        let c = configuration
        let biased_TE = try scores_TE.leaf(requiresGradient: false).adding(bias)
        guard c.topkGroup < c.nGroup else { return try biased_TE.largest(c.numExpertsPerTok).indices }
        let tokens = biased_TE.shape[0]
        let perGroup = c.nRoutedExperts / c.nGroup
        let best_TG = try biased_TE.reshaped([tokens, c.nGroup, perGroup]).largest(min(2, perGroup)).values.sum(2)
        let groups_Tg = try best_TG.largest(c.topkGroup).indices
        let mask_TG = try Tensor.zeros([tokens, c.nGroup], .bool).setting(1, groups_Tg, to: 1)
        let mask_TE = try mask_TG.reshaped([tokens, c.nGroup, 1]).expanded([-1, -1, perGroup])
            .reshaped([tokens, c.nRoutedExperts])
        return try biased_TE.keeping(mask_TE).largest(c.numExpertsPerTok).indices
    }

    /// The sequence-wise balance loss Σ fᵢPᵢ, summed over the sequences. fᵢ is the number of tokens of a sequence that
    /// chose expert i, relative to the average expert. Pᵢ is the expert's mean share of the scores in the sequence.
    package func balanceLoss(_ choice: Choice, sequences: Int) throws -> Tensor {
        let c = configuration
        let tokens = choice.scores_TE.shape[0]
        let length = tokens / sequences
        let shares_TE = try choice.scores_TE.divided(by: choice.scores_TE.sum(1, keepsDimension: true))
        let mean_BE = try shares_TE.reshaped([sequences, length, c.nRoutedExperts]).mean(1)
        let frequency_BE = try LibTorchRuntime.withoutGradients {
            let chosen_TE = try Tensor.zeros([tokens, c.nRoutedExperts], choice.scores_TE.type)
                .setting(1, choice.experts_TK, to: 1)
            return try chosen_TE.reshaped([sequences, length, c.nRoutedExperts]).mean(1)
                .times(Double(c.nRoutedExperts) / Double(c.numExpertsPerTok))
        }
        return try mean_BE.times(frequency_BE).sum()
    }
}
