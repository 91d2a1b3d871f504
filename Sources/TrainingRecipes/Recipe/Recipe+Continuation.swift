extension Recipe {
    /// The keys whose values must not change while a run continues: those of the model's structure, the batch, and the
    /// order of the data. The paths of the data may change, so that data can be moved.
    private static let fixedKeys: Set<String> = {
        let changeable: Set<String> = [
            "model.weights", "model.dtype", "model.initializer_range", "model.mtp_loss_scaling_factor",
            "model.aux_loss_alpha",
            "model.moe_router_bias_update_rate",
        ]
        let others: Set<String> = [
            "training.seq_len", "training.global_batch_size", "training.seed", "training.dataset_weights",
            "training.dataset_format", "validation.split",
        ]
        return others.union(fields.map(\.name).filter { $0.hasPrefix("model.") }).subtracting(changeable)
    }()

    /// Checks that a run of the recipe `saved` can continue with this recipe.
    ///
    /// - Parameter origin: The name of the saved state in the message.
    /// - Throws: ``RecipeError`` naming the first key of the model, the batch or the data that has changed, and both
    ///   values.
    public func checkContinuation(of saved: Recipe, origin: String) throws(RecipeError) {
        for field in Self.fields where Self.fixedKeys.contains(field.name) {
            let (own, former) = (spelling(of: field), saved.spelling(of: field))
            guard own != former else { continue }
            throw RecipeError(
                "\(field.name) is \(own), but \(origin) was saved with \(former): give \(former), or start a new run")
        }
    }
}
