import ExpertBalancing
import MoEModels
import TrainingRecipes
import TrainingRuns

extension Recipe {
    /// Returns the slots of experts; nil if each rank holds its share of consecutive experts.
    ///
    /// - Throws: `RecipeError` if the placement cannot be used.
    func expertLayout() throws -> ExpertLayout? {
        guard let slots = try expertSlots() else { return nil }
        return try ExpertLayout(
            slots, split: ReplicaSplit(rawValue: experts.tokenSplit.rawValue) ?? .exact,
            slack: BalanceSlack(experts.balanceSlack))
    }
}
