import Foundation
package import TrainingRecipes

extension CheckpointFolder {
    /// The checkpoint that a run continues from.
    package struct Continuation {
        package let manifest: CheckpointManifest
        /// The reasons why newer checkpoints are not used, in one line each.
        package let refusals: [String]

        package init(manifest: CheckpointManifest, refusals: [String]) {
            self.manifest = manifest
            self.refusals = refusals
        }
    }

    /// Returns the newest checkpoint whose files have their sizes and that belongs to the run; nil if none was
    /// completed. The method does not read the files of ranks.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that the run continues with; nil if the run has none.
    ///   - original: The recipe in the run's folder. A checkpoint of another model, batch or data is not of the run.
    ///   - data: The data that the run continues with; nil if it has none.
    ///   - steps: The steps that are considered, the newest first.
    /// - Throws: ``SavedStateError`` if checkpoints exist, but none can be used; `RecipeError` if `recipe` or `data`
    ///   has another model, batch or data than the checkpoint.
    package func continuation(
        with recipe: Recipe?, original: Recipe? = nil, data: DataIdentity?, from steps: some Sequence<Int>
    ) throws -> Continuation? {
        var refusals: [String] = []
        for step in steps {
            let manifest: CheckpointManifest
            let saved: Recipe?
            do {
                manifest = try self.manifest(step: step)
                saved = try manifest.savedRecipe(origin: origin(step))
                if let saved { try original?.checkContinuation(of: saved, origin: origin(step)) }
            } catch {
                refusals.append("\(error)")
                continue
            }
            if let saved { try recipe?.checkContinuation(of: saved, origin: origin(step)) }
            guard manifest.data == data else {
                throw RecipeError(
                    "training.dataset_path has other data than \(origin(step)) was saved with: give the same files, or "
                        + "start a new run")
            }
            return Continuation(manifest: manifest, refusals: refusals)
        }
        guard refusals.isEmpty else {
            throw SavedStateError("no checkpoint can be used: \(refusals.joined(separator: "; "))")
        }
        return nil
    }

    private func origin(_ step: Int) -> String { "\(url.relativePath)/step-\(step)" }
}

extension CheckpointManifest {
    fileprivate func savedRecipe(origin: String) throws(RecipeError) -> Recipe? {
        guard let recipe else { return nil }
        var result = Recipe()
        try result.merge(toml: recipe, source: origin, isSaved: true)
        return result
    }
}
