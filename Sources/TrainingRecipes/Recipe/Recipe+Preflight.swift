public import PipelineSchedules

extension Recipe {
    /// Checks everything that can be known before any rank starts.
    ///
    /// - Returns: The schedule that the recipe names, valid.
    /// - Throws: ``RecipeError`` naming the key, the limit and the remedy.
    public func preflight(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        for field in Self.fields {
            if let fault = field.fault(in: self) { throw RecipeError(fault) }
        }
        try checkExperts()
        try checkPositions()
        try checkVocabulary()
        try checkName()
        let schedule = try namedSchedule(readFile: readFile)
        try checkBatch()
        let stages = schedule.chains.map(\.stages.count).max() ?? 1
        try require(
            stages <= model.numHiddenLayers,
            "model.num_hidden_layers is \(model.numHiddenLayers), but \(schedule.name) on "
                + "\(parallelism.pipelineParallelDegree) ranks cuts the model into \(stages) stages: give at least "
                + "\(stages) layers, or a smaller parallelism.pipeline_parallel_degree")
        return schedule
    }

    private func checkExperts() throws(RecipeError) {
        let (experts, groups) = (model.nRoutedExperts, model.nGroup)
        try require(
            experts.isMultiple(of: groups),
            "model.n_routed_experts is \(experts), which model.n_group, \(groups), does not divide")
        try require(model.topkGroup <= groups, "model.topk_group is \(model.topkGroup), but there are \(groups) groups")
        let reachable = experts / groups * model.topkGroup
        try require(
            model.numExpertsPerTok <= reachable,
            "model.num_experts_per_tok is \(model.numExpertsPerTok), but the chosen groups have \(reachable) experts")
        let degree = parallelism.expertParallelDegree
        try require(
            experts.isMultiple(of: degree),
            "model.n_routed_experts is \(experts), which parallelism.expert_parallel_degree, \(degree), does not divide"
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
                + "\(longest), or a longer model")
        let scaling = model.ropeScaling
        try require(
            scaling.type == .yarn || scaling == RopeScaling(),
            "model.rope_scaling.type is 'default', which has no other keys: set it to yarn, or leave them out")
        try require(
            scaling.mscale == scaling.mscaleAllDim && scaling.mscale > 0,
            "model.rope_scaling.mscale is \(scaling.mscale), but mscale_all_dim is \(scaling.mscaleAllDim): only equal "
                + "ones above 0 can be trained, as DeepSeek-V3 has them")
    }

    private func checkVocabulary() throws(RecipeError) {
        try require(
            training.datasetFormat != .bytes || model.vocabSize >= 256,
            "model.vocab_size is \(model.vocabSize), but bytes need 256: give at least 256")
    }

    private func checkName() throws(RecipeError) {
        let name = job.name
        try require(
            !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
                && !name.unicodeScalars.contains { $0 == "/" || $0.properties.generalCategory == .control },
            "job.name is '\(name.prefix(40))': it names a folder, so give 1 to 200 characters without '/' or a "
                + "leading dot"
        )
    }

    private func checkBatch() throws(RecipeError) {
        let (sequences, microbatches) = (training.globalBatchSize, parallelism.numMicrobatches)
        let shares = microbatches * parallelism.expertParallelDegree
        try require(
            sequences.isMultiple(of: shares),
            "training.global_batch_size is \(sequences), which \(microbatches) micro-batches x "
                + "\(parallelism.expertParallelDegree) expert ranks do not divide: give a multiple of \(shares)")
    }

    func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(RecipeError) {
        if !holds { throw RecipeError(message()) }
    }
}
