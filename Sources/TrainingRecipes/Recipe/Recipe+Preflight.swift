public import PipelineSchedules

extension Recipe {
    /// The largest number of ranks of a run.
    package static let rankLimit = 1 << 17

    /// Checks the recipe before any rank starts.
    ///
    /// - Parameter readFile: Reads the file of a schedule.
    /// - Returns: The validated schedule that the recipe names.
    /// - Throws: ``RecipeError`` naming the key, the limit and the remedy.
    public func preflight(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        try checkModel()
        try checkRanks()
        try checkSources()
        try checkPlacement()
        try checkFolder(job.name, key: "job.name")
        try checkFolder(profiling.saveTracesFolder, key: "profiling.save_traces_folder")
        try require(
            profiling.profilerActive <= profiling.profileFreq,
            "profiling.profiler_active is \(profiling.profilerActive), but profiling.profile_freq is "
                + "\(profiling.profileFreq): give at most \(profiling.profileFreq)")
        let schedule = try namedSchedule(readFile: readFile)
        try checkBatch()
        let stages = schedule.chains.map(\.stages.count).max() ?? 1
        try require(
            stages <= model.numHiddenLayers,
            "model.num_hidden_layers is \(model.numHiddenLayers), but \(schedule.name) splits the model into "
                + "\(stages) stages at parallelism.pipeline_parallel_degree \(parallelism.pipelineParallelDegree): "
                + "give at least \(stages) layers, or a smaller degree")
        return schedule
    }

    /// Checks all values by themselves, and the values of the model with each other.
    ///
    /// - Throws: ``RecipeError`` naming the key, the limit and the remedy.
    package func checkModel() throws(RecipeError) {
        for field in Self.fields {
            if let fault = field.fault(in: self) { throw RecipeError(fault) }
        }
        try checkExperts()
        try checkPositions()
        try checkVocabulary()
    }

    private func checkRanks() throws(RecipeError) {
        let (pipeline, experts) = (parallelism.pipelineParallelDegree, parallelism.expertParallelDegree)
        try require(
            pipeline * experts <= Self.rankLimit,
            "parallelism.pipeline_parallel_degree \(pipeline) x expert_parallel_degree \(experts) are "
                + "\(pipeline * experts) ranks: give at most \(Self.rankLimit)")
    }

    private func checkExperts() throws(RecipeError) {
        let (experts, groups) = (model.nRoutedExperts, model.nGroup)
        try require(
            experts.isMultiple(of: groups),
            "model.n_routed_experts is \(experts), which model.n_group \(groups) does not divide: give a multiple of "
                + "\(groups)")
        try require(
            model.topkGroup <= groups,
            "model.topk_group is \(model.topkGroup), but model.n_group is \(groups): give at most \(groups)")
        let reachable = experts / groups * model.topkGroup
        try require(
            model.numExpertsPerTok <= reachable,
            "model.num_experts_per_tok is \(model.numExpertsPerTok), but the chosen groups have \(reachable) "
                + "\(reachable == 1 ? "expert" : "experts"): give at most \(reachable)")
        let degree = parallelism.expertParallelDegree
        try require(
            experts.isMultiple(of: degree),
            "model.n_routed_experts is \(experts), which parallelism.expert_parallel_degree \(degree) does not divide: "
                + "give a degree that divides \(experts)"
        )
    }

    private func checkPositions() throws(RecipeError) {
        try require(
            model.qkRopeHeadDim.isMultiple(of: 2),
            "model.qk_rope_head_dim is \(model.qkRopeHeadDim): it must be even and at least 2")
        let longest = model.maxPositionEmbeddings
        try require(
            longest == 0 || training.seqLen <= longest,
            "training.seq_len is \(training.seqLen), but model.max_position_embeddings is \(longest): give at most "
                + "\(longest), or raise model.max_position_embeddings")
        let scaling = model.ropeScaling
        try require(
            scaling.type == .yarn || scaling == RopeScaling(),
            "model.rope_scaling.type is 'default', which has no other keys: set it to yarn, or omit the other keys")
        try require(
            scaling.mscale == scaling.mscaleAllDim && scaling.mscale > 0,
            "model.rope_scaling.mscale is \(scaling.mscale), but mscale_all_dim is \(scaling.mscaleAllDim): give equal "
                + "numbers above 0, as DeepSeek-V3 does")
    }

    private func checkVocabulary() throws(RecipeError) {
        try require(
            training.datasetFormat != .bytes || model.vocabSize >= 256,
            "model.vocab_size is \(model.vocabSize), but bytes need 256: give at least 256")
    }

    private func checkSources() throws(RecipeError) {
        let (sources, weights) = (training.datasetPath.count, training.datasetWeights)
        try require(sources > 0, "training.dataset_path is an empty list: give a file or a folder")
        guard !weights.isEmpty else { return }
        try require(
            weights.count == sources,
            "training.dataset_weights has \(weights.count) \(weights.count == 1 ? "number" : "numbers"), but "
                + "training.dataset_path has \(sources): give a weight per path, or none for the sizes of the data")
        let least = weights.reduce(0, +) / Double(SourceMixture.period)
        for weight in weights {
            try require(
                weight.isFinite && weight > 0 && weight >= least,
                "training.dataset_weights has \(weight): give numbers above 1/\(SourceMixture.period) of their sum, "
                    + "and leave out what must not be read")
        }
    }

    private func checkPlacement() throws(RecipeError) {
        try require(
            experts.balance != .static || !experts.placement.isEmpty,
            "experts.balance is 'static', which needs a placement: give experts.placement, such as a file that "
                + "'contraflow balance -o' writes")
        try require(
            experts.balance != .off || experts.placement.isEmpty,
            "experts.placement is '\(experts.placement)', but experts.balance is 'off': give experts.balance static")
        try require(
            experts.balance != .exact || experts.tokenSplit == .exact,
            "experts.token_split is '\(experts.tokenSplit.rawValue)', but experts.balance is 'exact': give "
                + "experts.token_split exact")
        try require(
            experts.balanceSlack <= 1000,
            "experts.balance_slack is \(experts.balanceSlack): give 0 to 1000")
    }

    private func checkFolder(_ name: String, key: String) throws(RecipeError) {
        try require(
            !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
                && !name.unicodeScalars.contains { $0 == "/" || $0.properties.generalCategory == .control },
            "\(key) is '\(name.prefix(40))': it names a folder, so give 1 to 200 characters without '/' or a "
                + "leading dot"
        )
    }

    private func checkBatch() throws(RecipeError) {
        let (sequences, microbatches) = (training.globalBatchSize, parallelism.numMicrobatches)
        let shares = microbatches * parallelism.expertParallelDegree
        try require(
            sequences.isMultiple(of: shares),
            "training.global_batch_size is \(sequences), which parallelism.num_microbatches \(microbatches) x "
                + "expert_parallel_degree \(parallelism.expertParallelDegree) does not divide: give a multiple of "
                + "\(shares)")
    }

    func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(RecipeError) {
        if !holds { throw RecipeError(message()) }
    }
}
