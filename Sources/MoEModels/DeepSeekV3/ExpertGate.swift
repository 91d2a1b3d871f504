import LibTorch
import TrainingRecipes

/// The gate: which experts each token goes to, and with which weights.
///
/// Scores are sigmoids; experts are chosen by score plus a bias that keeps them evenly loaded, from the groups whose
/// two best are best; the chosen scores, without the bias, are normalised and scaled. Source: DeepSeek-V3 report, 2024,
/// "auxiliary-loss-free load balancing", and Wang et al., 2024.
struct ExpertGate {
    private let configuration: DeepSeekV3Configuration
    private let weight, bias: Tensor

    static func parameters(_ c: DeepSeekV3Configuration, prefix: String) -> [ParameterSpecification] {
        [
            ParameterSpecification(
                prefix + "gate", [c.nRoutedExperts, c.hiddenSize], start: .normal(deviation: c.initializerRange)),
            ParameterSpecification(
                prefix + "bias", [c.nRoutedExperts], start: .constant(0), decays: false, isTrained: false),
        ]
    }

    init(_ configuration: DeepSeekV3Configuration, prefix: String, parameters: ParameterSet) {
        self.configuration = configuration
        weight = parameters[prefix + "gate"]
        bias = parameters[prefix + "bias"]
    }

    /// The gate's choice for the tokens of a micro-batch.
    struct Choice {
        /// The chosen experts, int64 [T, K].
        let experts_TK: Tensor
        /// Their weights, [T, K].
        let weights_TK: Tensor
        /// Every expert's score, [T, experts].
        let scores_TE: Tensor
    }

    func callAsFunction(_ x_TD: Tensor, _ weights: WeightGradients) throws -> Choice {
        let c = configuration
        let scores_TE = try x_TD.linear(weight, weights).sigmoid()
        let experts_TK = try LibTorchRuntime.withoutGradients { try choose(scores_TE) }
        let chosen_TK = try scores_TE.gathered(1, experts_TK)
        let weights_TK = try chosen_TK.divided(by: chosen_TK.sum(1, keepsDimension: true)).times(c.routedScalingFactor)
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

    /// The sequence-wise balance loss Σ fᵢPᵢ, summed over the sequences: fᵢ is how much more often than average expert i
    /// was chosen in a sequence, Pᵢ its mean share of the scores there.
    func balanceLoss(_ choice: Choice, sequences: Int) throws -> Tensor {
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
