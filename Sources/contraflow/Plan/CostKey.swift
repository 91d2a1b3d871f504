import SchedulePlanning
import TrainingRecipes

extension CostKey {
    /// The key that a misspelt name is nearest to.
    static func nearest(to name: String) -> CostKey? {
        NearName.of(name, among: all.map(\.name)).flatMap(named)
    }
}
