public import PipelineSchedules

extension Recipe {
    /// Checks everything that can be known before any rank starts.
    ///
    /// - Returns: The schedule that the recipe names, valid.
    /// - Throws: ``RecipeError`` naming the field, the limit and the remedy.
    public func preflight(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        for field in Self.fields {
            if case .number(let path) = field.access, !self[keyPath: path].isFinite || self[keyPath: path] < 0 {
                throw RecipeError("\(field.name) is \(self[keyPath: path]): it must be a number from 0 on")
            }
        }
        try checkSizes()
        let schedule = try namedSchedule(readFile: readFile)
        try checkBatch(schedule)
        let stages = schedule.chains.map(\.stages.count).max() ?? 1
        guard stages <= model.layers else {
            throw RecipeError(
                "model.layers is \(model.layers), but \(schedule.name) on \(layout.pipeline) ranks cuts the model into "
                    + "\(stages) stages: give at least \(stages) layers, or a smaller layout.pipeline")
        }
        return schedule
    }

    private func checkSizes() throws(RecipeError) {
        let atLeastOne: [(name: String, value: Int)] = [
            ("model.vocabulary", model.vocabulary), ("model.width", model.width), ("model.layers", model.layers),
            ("model.heads", model.heads), ("model.query-rank", model.queryRank),
            ("model.key-value-rank", model.keyValueRank), ("model.plain-head-width", model.plainHeadWidth),
            ("model.value-head-width", model.valueHeadWidth), ("model.dense-inner-width", model.denseInnerWidth),
            ("model.expert-inner-width", model.expertInnerWidth), ("model.experts", model.experts),
            ("model.chosen-experts", model.chosenExperts), ("model.groups", model.groups),
            ("model.chosen-groups", model.chosenGroups), ("layout.pipeline", layout.pipeline),
            ("layout.experts", layout.experts), ("layout.chunks", layout.chunks), ("layout.chains", layout.chains),
            ("layout.threads", layout.threads), ("batch.sequences", batch.sequences),
            ("batch.microbatches", batch.microbatches), ("batch.length", batch.length), ("run.steps", run.steps),
            ("run.validation-batches", run.validationBatches),
        ]
        for (name, value) in atLeastOne where value < 1 {
            throw RecipeError("\(name) is \(value): it must be at least 1")
        }
        let fromZero: [(name: String, value: Int)] = [
            ("model.dense-layers", model.denseLayers), ("model.shared-experts", model.sharedExperts),
            ("optimizer.warm-up-steps", optimizer.warmUpSteps), ("run.seed", run.seed),
            ("run.validation-interval", run.validationInterval), ("run.checkpoint-interval", run.checkpointInterval),
        ]
        for (name, value) in fromZero where value < 0 {
            throw RecipeError("\(name) is \(value): it must be at least 0")
        }
        try require(
            model.rotaryHeadWidth >= 2 && model.rotaryHeadWidth.isMultiple(of: 2),
            "model.rotary-head-width is \(model.rotaryHeadWidth): it must be even and at least 2")
        try require(
            (0...1).contains(model.predictionDepth),
            "model.prediction-depth is \(model.predictionDepth): it must be 0 or 1")
        try require(
            model.experts.isMultiple(of: model.groups),
            "model.experts is \(model.experts), which model.groups, \(model.groups), does not divide")
        try require(
            model.chosenGroups <= model.groups,
            "model.chosen-groups is \(model.chosenGroups), but there are \(model.groups) groups")
        try require(
            model.chosenExperts <= model.experts / model.groups * model.chosenGroups,
            "model.chosen-experts is \(model.chosenExperts), but the chosen groups have "
                + "\(model.experts / model.groups * model.chosenGroups) experts")
        try require(
            model.experts.isMultiple(of: layout.experts),
            "model.experts is \(model.experts), which layout.experts, \(layout.experts), does not divide")
        try require(
            ["float32", "float64", "bfloat16"].contains(model.type),
            "model.type is '\(model.type)': it must be float32, float64 or bfloat16")
        try require(
            ["none", "experts", "all"].contains(layout.recompute),
            "layout.recompute is '\(layout.recompute)': it must be none, experts or all")
        try require(data.heldOut < 1, "data.held-out is \(data.heldOut): it must be below 1")
        let vocabularies = ["bytes": 256, "uint16": 1, "uint32": 1]
        guard let smallest = vocabularies[data.tokens] else {
            throw RecipeError("data.tokens is '\(data.tokens)': it must be bytes, uint16 or uint32")
        }
        try require(
            model.vocabulary >= smallest,
            "model.vocabulary is \(model.vocabulary), but bytes need 256: give at least 256")
        try require(
            optimizer.beta1 < 1 && optimizer.beta2 < 1, "optimizer.beta1 and optimizer.beta2 must be below 1")
    }

    private func namedSchedule(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        if let known = BuiltInSchedule(rawValue: layout.schedule) {
            do {
                return try known.build(
                    ranks: layout.pipeline, microbatches: batch.microbatches, chunks: layout.chunks)
            } catch {
                throw RecipeError("layout.schedule: \(error)")
            }
        }
        guard layout.schedule.hasSuffix(".csv") else {
            let names = BuiltInSchedule.allCases.map(\.rawValue).joined(separator: ", ")
            throw RecipeError("layout.schedule is '\(layout.schedule)': give one of \(names), or a .csv file")
        }
        do {
            let bytes = try readFile(layout.schedule)
            let schedule = try Schedule(csv: bytes, name: layout.schedule, chainCount: layout.chains)
            try schedule.validate()
            try require(
                schedule.rankCount == layout.pipeline,
                "layout.pipeline is \(layout.pipeline), but \(layout.schedule) has \(schedule.rankCount) ranks")
            try require(
                schedule.microbatchCount == batch.microbatches,
                "batch.microbatches is \(batch.microbatches), but \(layout.schedule) has \(schedule.microbatchCount)")
            return schedule
        } catch let error as RecipeError {
            throw error
        } catch {
            throw RecipeError("layout.schedule: \(layout.schedule): \(error)")
        }
    }

    private func checkBatch(_ schedule: Schedule) throws(RecipeError) {
        let shares = batch.microbatches * layout.experts
        let remedy = "give a multiple of \(shares)"
        try require(
            batch.sequences.isMultiple(of: shares),
            "batch.sequences is \(batch.sequences), which \(batch.microbatches) micro-batches x \(layout.experts) expert "
                + "ranks do not divide: \(remedy)")
    }

    private func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(RecipeError) {
        if !holds { throw RecipeError(message()) }
    }
}
