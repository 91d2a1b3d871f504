extension Recipe {
    /// Every key of a recipe, in the order in which it is printed.
    public static let fields: [RecipeField] =
        modelFields + ropeScalingFields + parallelismFields + trainingFields + optimizationFields + outputFields

    // Far beyond what anyone trains, and small enough that no product of them overflows.
    private static let width = 1...1 << 18
    private static let count = 1...1 << 12
    private static let experts = 1...1 << 13
    private static let natural = 0...Int.max

    private static let modelFields = [
        RecipeField("model.vocab_size", .integer(\.model.vocabSize, 1...1 << 24), "entries of the vocabulary"),
        RecipeField("model.hidden_size", .integer(\.model.hiddenSize, width), "width of the residual stream"),
        RecipeField("model.num_hidden_layers", .integer(\.model.numHiddenLayers, count), "transformer layers"),
        RecipeField(
            "model.first_k_dense_replace", .integer(\.model.firstKDenseReplace, natural),
            "layers, from the first, with a dense network"),
        RecipeField("model.num_attention_heads", .integer(\.model.numAttentionHeads, count), "attention heads"),
        RecipeField("model.q_lora_rank", .integer(\.model.qLoraRank, width), "width of the compressed queries"),
        RecipeField(
            "model.kv_lora_rank", .integer(\.model.kvLoraRank, width), "width of the compressed keys and values"),
        RecipeField(
            "model.qk_nope_head_dim", .integer(\.model.qkNopeHeadDim, count), "dimensions of a head without position"),
        RecipeField(
            "model.qk_rope_head_dim", .integer(\.model.qkRopeHeadDim, count),
            "dimensions of a head with rotary position"),
        RecipeField("model.v_head_dim", .integer(\.model.vHeadDim, count), "dimensions of a head's values"),
        RecipeField(
            "model.intermediate_size", .integer(\.model.intermediateSize, 1...1 << 20), "inner width of dense networks"),
        RecipeField(
            "model.moe_intermediate_size", .integer(\.model.moeIntermediateSize, 1...1 << 17),
            "inner width of an expert"),
        RecipeField("model.n_routed_experts", .integer(\.model.nRoutedExperts, experts), "routed experts per layer"),
        RecipeField("model.n_shared_experts", .integer(\.model.nSharedExperts, 0...256), "shared experts per layer"),
        RecipeField(
            "model.num_experts_per_tok", .integer(\.model.numExpertsPerTok, experts), "routed experts per token"),
        RecipeField("model.n_group", .integer(\.model.nGroup, experts), "groups that experts are chosen within"),
        RecipeField("model.topk_group", .integer(\.model.topkGroup, experts), "groups that a token may choose from"),
        RecipeField(
            "model.routed_scaling_factor", .number(\.model.routedScalingFactor, .fromZero),
            "factor of the routing weights"),
        RecipeField("model.rope_theta", .number(\.model.ropeTheta, .fromZero), "base of rotary frequencies"),
        RecipeField("model.rms_norm_eps", .number(\.model.rmsNormEps, .fromZero), "epsilon of normalisations"),
        RecipeField(
            "model.max_position_embeddings", .integer(\.model.maxPositionEmbeddings, 0...1 << 24),
            "tokens of the longest sequence; 0 for training.seq_len"),
        RecipeField(
            "model.num_nextn_predict_layers", .integer(\.model.numNextnPredictLayers, 0...1),
            "depths of multi-token prediction: 0 or 1"),
        RecipeField(
            "model.mtp_loss_scaling_factor", .number(\.model.mtpLossScalingFactor, .fromZero),
            "weight of the multi-token loss"),
        RecipeField(
            "model.aux_loss_alpha", .number(\.model.auxLossAlpha, .fromZero), "weight of the sequence-wise balance loss"
        ),
        RecipeField(
            "model.moe_router_bias_update_rate", .number(\.model.moeRouterBiasUpdateRate, .fromZero),
            "change of the gate's biases per step"),
        RecipeField(
            "model.initializer_range", .number(\.model.initializerRange, .fromZero),
            "standard deviation of initial weights"),
        RecipeField("model.dtype", .word(WordAccess(\.model.dtype)), "float32, float64 or bfloat16"),
    ]

    private static let ropeScalingFields = [
        RecipeField(
            "model.rope_scaling.type", .word(WordAccess(\.model.ropeScaling.type)),
            "stretch of rotary positions: default (none) or yarn"),
        RecipeField(
            "model.rope_scaling.factor", .number(\.model.ropeScaling.factor, .fromOne),
            "longest sequence over the original one"),
        RecipeField(
            "model.rope_scaling.original_max_position_embeddings",
            .integer(\.model.ropeScaling.originalMaxPositionEmbeddings, 1...1 << 24),
            "tokens of the original longest sequence"),
        RecipeField(
            "model.rope_scaling.beta_fast", .number(\.model.ropeScaling.betaFast, .fromZero),
            "rotations above which a frequency stays"),
        RecipeField(
            "model.rope_scaling.beta_slow", .number(\.model.ropeScaling.betaSlow, .fromZero),
            "rotations below which a frequency is divided"),
        RecipeField(
            "model.rope_scaling.mscale", .number(\.model.ropeScaling.mscale, .fromZero),
            "correction of rotated queries and keys"),
        RecipeField(
            "model.rope_scaling.mscale_all_dim", .number(\.model.ropeScaling.mscaleAllDim, .fromZero),
            "correction of attention scores; equal to mscale"),
    ]

    private static let parallelismFields = [
        RecipeField(
            "parallelism.pipeline_parallel_degree", .integer(\.parallelism.pipelineParallelDegree, 1...1 << 16),
            "ranks of the pipeline"),
        RecipeField(
            "parallelism.expert_parallel_degree", .integer(\.parallelism.expertParallelDegree, experts),
            "ranks of an expert-parallel group"),
        RecipeField(
            "parallelism.pipeline_parallel_schedule", .text(\.parallelism.pipelineParallelSchedule),
            "schedule's name, or a CSV file"),
        RecipeField(
            "parallelism.num_virtual_stages_per_pipeline_rank",
            .integer(\.parallelism.numVirtualStagesPerPipelineRank, count), "stages per rank of interleaved schedules"),
        RecipeField(
            "parallelism.num_chains", .integer(\.parallelism.numChains, 1...2), "chains of a schedule from a CSV file"),
        RecipeField(
            "parallelism.num_microbatches", .integer(\.parallelism.numMicrobatches, 1...1 << 20),
            "micro-batches per step, over all chains"),
        RecipeField(
            "parallelism.overlap_moe_expert_parallel_comm", .flag(\.parallelism.overlapMoeExpertParallelComm),
            "whether computation runs while tokens are exchanged"),
    ]

    private static let trainingFields = [
        RecipeField("training.steps", .integer(\.training.steps, 1...1 << 32), "steps of training"),
        RecipeField("training.seq_len", .integer(\.training.seqLen, 1...1 << 24), "tokens per sequence"),
        RecipeField(
            "training.global_batch_size", .integer(\.training.globalBatchSize, 1...1 << 24),
            "sequences per step, over all ranks"),
        RecipeField(
            "training.max_norm", .number(\.training.maxNorm, .fromZero),
            "norm that gradients are clipped to; 0 for none"),
        RecipeField("training.seed", .integer(\.training.seed, natural), "seed of every random number"),
        RecipeField(
            "training.dataset_path", .text(\.training.datasetPath),
            "text file, folder of text files, or file of tokens"),
        RecipeField(
            "training.dataset_format", .word(WordAccess(\.training.datasetFormat)),
            "bytes of text, or tokens as uint8, uint16 or uint32"),
        RecipeField("training.device", .word(WordAccess(\.training.device)), "cpu, or cuda, a device per rank"),
        RecipeField("training.num_threads", .integer(\.training.numThreads, 1...1 << 10), "compute threads per rank"),
    ]

    private static let optimizationFields = [
        RecipeField("optimizer.lr", .number(\.optimizer.lr, .fromZero), "highest learning rate"),
        RecipeField("optimizer.beta1", .number(\.optimizer.beta1, .belowOne), "decay of the first moment"),
        RecipeField("optimizer.beta2", .number(\.optimizer.beta2, .belowOne), "decay of the second moment"),
        RecipeField("optimizer.eps", .number(\.optimizer.eps, .fromZero), "added to the root of the second moment"),
        RecipeField(
            "optimizer.weight_decay", .number(\.optimizer.weightDecay, .fromZero), "weight decay, of matrices alone"),
        RecipeField(
            "lr_scheduler.warmup_steps", .integer(\.lrScheduler.warmupSteps, natural),
            "steps until the highest learning rate"),
        RecipeField(
            "lr_scheduler.decay_type", .word(WordAccess(\.lrScheduler.decayType)),
            "curve after the warm-up: cosine, linear or sqrt"),
        RecipeField(
            "lr_scheduler.min_lr_factor", .number(\.lrScheduler.minLRFactor, .throughOne),
            "last learning rate over optimizer.lr"),
        RecipeField(
            "activation_checkpoint.mode", .word(WordAccess(\.activationCheckpoint.mode)),
            "what the backward recomputes: none, selective (experts) or full"),
    ]

    private static let outputFields = [
        RecipeField(
            "checkpoint.interval", .integer(\.checkpoint.interval, natural),
            "steps between two checkpoints; 0 for one at the end"),
        RecipeField(
            "validation.freq", .integer(\.validation.freq, natural),
            "steps between two validations; 0 for one at the end"),
        RecipeField("validation.steps", .integer(\.validation.steps, 1...1 << 20), "batches per validation"),
        RecipeField(
            "validation.split", .number(\.validation.split, .belowOne),
            "part of every file, from its end, that is held out"),
        RecipeField(
            "metrics.log_freq", .integer(\.metrics.logFreq, natural),
            "steps between lines of progress; 0 for about twenty lines"),
        RecipeField(
            "metrics.enable_tensorboard", .flag(\.metrics.enableTensorboard), "whether to write TensorBoard events"),
        RecipeField("job.name", .text(\.job.name), "run's name"),
        RecipeField("job.dump_folder", .text(\.job.dumpFolder), "folder that run folders are made in"),
    ]
}
