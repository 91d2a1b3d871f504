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
        // Far beyond what anyone trains, and small enough that no product of them overflows.
        let (width, count) = (1 << 18, 1 << 12)
        let sizes: [(name: String, value: Int, largest: Int)] = [
            ("model.vocabulary", model.vocabulary, 1 << 24), ("model.width", model.width, width),
            ("model.layers", model.layers, count), ("model.heads", model.heads, count),
            ("model.query-rank", model.queryRank, width), ("model.key-value-rank", model.keyValueRank, width),
            ("model.plain-head-width", model.plainHeadWidth, count),
            ("model.rotary-head-width", model.rotaryHeadWidth, count),
            ("model.value-head-width", model.valueHeadWidth, count),
            ("model.dense-inner-width", model.denseInnerWidth, 1 << 20),
            ("model.expert-inner-width", model.expertInnerWidth, 1 << 17), ("model.experts", model.experts, 1 << 13),
            ("model.chosen-experts", model.chosenExperts, 1 << 13), ("model.groups", model.groups, 1 << 13),
            ("model.chosen-groups", model.chosenGroups, 1 << 13), ("layout.pipeline", layout.pipeline, 1 << 16),
            ("layout.experts", layout.experts, 1 << 13), ("layout.chunks", layout.chunks, count),
            ("layout.chains", layout.chains, 2), ("layout.threads", layout.threads, 1 << 10),
            ("batch.sequences", batch.sequences, 1 << 24), ("batch.microbatches", batch.microbatches, 1 << 20),
            ("batch.length", batch.length, 1 << 24), ("run.steps", run.steps, 1 << 32),
            ("run.validation-batches", run.validationBatches, 1 << 20),
        ]
        for (name, value, largest) in sizes where !(1...largest).contains(value) {
            throw RecipeError("\(name) is \(value): it must be \(value < 1 ? "at least 1" : "at most \(largest)")")
        }
        let fromZero: [(name: String, value: Int)] = [
            ("model.dense-layers", model.denseLayers),
            ("optimizer.warm-up-steps", optimizer.warmUpSteps), ("run.seed", run.seed),
            ("run.validation-interval", run.validationInterval), ("run.checkpoint-interval", run.checkpointInterval),
        ]
        for (name, value) in fromZero where value < 0 {
            throw RecipeError("\(name) is \(value): it must be at least 0")
        }
        try require(
            (0...256).contains(model.sharedExperts),
            "model.shared-experts is \(model.sharedExperts): it must be 0 to 256")
        try require(
            model.rotaryHeadWidth.isMultiple(of: 2),
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
        try require(
            ["overlapped", "none"].contains(layout.overlap),
            "layout.overlap is '\(layout.overlap)': it must be overlapped or none")
        try require(
            ["cpu", "cuda"].contains(layout.device), "layout.device is '\(layout.device)': it must be cpu or cuda")
        try require(data.heldOut < 1, "data.held-out is \(data.heldOut): it must be below 1")
        guard let tokens = TokenType(rawValue: data.tokens) else {
            throw RecipeError("data.tokens is '\(data.tokens)': it must be \(TokenType.names)")
        }
        try require(
            tokens != .bytes || model.vocabulary >= 256,
            "model.vocabulary is \(model.vocabulary), but bytes need 256: give at least 256")
        try require(
            optimizer.beta1 < 1, "optimizer.beta1 is \(optimizer.beta1): it must be below 1")
        try require(
            optimizer.beta2 < 1, "optimizer.beta2 is \(optimizer.beta2): it must be below 1")
        try require(
            !run.name.isEmpty && run.name.utf8.count <= 200 && !run.name.hasPrefix(".")
                && !run.name.unicodeScalars.contains { $0 == "/" || $0.properties.generalCategory == .control },
            "run.name is '\(run.name.prefix(40))': it names a folder, so give 1 to 200 characters without '/' or a leading "
                + "dot")
    }

    private func namedSchedule(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        if let known = BuiltInSchedule(rawValue: layout.schedule) {
            let cells = layout.pipeline * batch.microbatches * (known.hasChunks ? layout.chunks : 1)
            try require(
                cells <= 1 << 20,
                "batch.microbatches is \(batch.microbatches): with layout.pipeline \(layout.pipeline) the schedule has "
                    + "\(cells) forwards, but at most \(1 << 20) can be planned: give fewer micro-batches")
            do {
                return try known.build(
                    ranks: layout.pipeline, microbatches: batch.microbatches, chunks: layout.chunks)
            } catch {
                let fields = [
                    "ranks": "layout.pipeline", "micro-batches": "batch.microbatches", "chunks": "layout.chunks",
                ]
                throw RecipeError("\(fields[error.parameter] ?? "layout.schedule"): \(error)")
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
