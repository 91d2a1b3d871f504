package import ExpertBalancing
import Foundation
package import TrainingRecipes

extension Recipe {
    /// Reads the placement that the recipe names, and returns the slots of each layer with routed experts; nil if each
    /// rank holds its share of consecutive experts.
    ///
    /// - Throws: `RecipeError` that names the file, the problem and the remedy.
    package func expertSlots() throws(RecipeError) -> [ExpertSlots]? {
        guard experts.balance != .off else { return nil }
        let free = experts.balance == .exact ? experts.balanceSlots : 0
        let ranks = parallelism.expertParallelDegree
        guard !experts.placement.isEmpty else {
            let slots = ExpertSlots(expertCount: model.nRoutedExperts, rankCount: ranks, freeSlotsPerRank: free)
            return expertLayers.map { _ in slots }
        }
        do {
            let file = try OpenFile(URL(filePath: experts.placement))
            let placement = try PlacementFile(contents: [UInt8](file.bytes(limit: 1 << 31)), name: experts.placement)
                .placement(
                    layersWithExperts: expertLayers, expertCount: model.nRoutedExperts, deviceCount: ranks)
            return try expertLayers.map { try ExpertSlots(placement, layer: $0, freeSlotsPerRank: free) }
        } catch {
            throw RecipeError("experts.placement: \(experts.placement): \(error.reason)")
        }
    }

    /// The layers of the model with routed experts.
    private var expertLayers: Range<Int> {
        let dense = model.firstKDenseReplace
        return dense..<max(model.numHiddenLayers + model.numNextnPredictLayers, dense)
    }
}
