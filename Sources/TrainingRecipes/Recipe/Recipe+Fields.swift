extension Recipe {
    /// All keys of a recipe, in the order in which a recipe is printed.
    public static let fields: [RecipeField] = [
        ("model", modelKeys),
        ("model.rope_scaling", ropeScalingKeys),
        ("parallelism", parallelismKeys),
        ("experts", expertsKeys),
        ("training", trainingKeys),
        ("optimizer", optimizerKeys),
        ("lr_scheduler", lrSchedulerKeys),
        ("activation_checkpoint", activationCheckpointKeys),
        ("checkpoint", checkpointKeys),
        ("validation", validationKeys),
        ("metrics", metricsKeys),
        ("profiling", profilingKeys),
        ("job", jobKeys),
    ].flatMap { (section: String, keys: [Key]) in
        keys.map { RecipeField(section: section, key: $0, access: $1, meaning: $2) }
    }

    private typealias Key = (String, RecipeField.Access, String)

    // The limits are far above real sizes, and small enough that no product of sizes overflows.
    private static let width = 1...1 << 18
    private static let count = 1...1 << 12
    private static let experts = 1...1 << 13
    private static let natural = 0...Int.max

    private static let modelKeys: [Key] = [
        (
            "weights", .text(\.model.weights),
            "folder of a Hugging Face model that training starts from; \"\" for random weights"
        ),
        ("vocab_size", .integer(\.model.vocabSize, 1...1 << 24), "entries of the vocabulary"),
        ("hidden_size", .integer(\.model.hiddenSize, width), "width of the residual stream"),
        ("num_hidden_layers", .integer(\.model.numHiddenLayers, count), "transformer layers"),
        (
            "first_k_dense_replace", .integer(\.model.firstKDenseReplace, natural),
            "layers, from the first, with a dense network"
        ),
        ("num_attention_heads", .integer(\.model.numAttentionHeads, count), "attention heads"),
        ("q_lora_rank", .integer(\.model.qLoraRank, width), "width of the compressed queries"),
        ("kv_lora_rank", .integer(\.model.kvLoraRank, width), "width of the compressed keys and values"),
        ("qk_nope_head_dim", .integer(\.model.qkNopeHeadDim, count), "dimensions of a head without position"),
        ("qk_rope_head_dim", .integer(\.model.qkRopeHeadDim, count), "dimensions of a head with rotary position"),
        ("v_head_dim", .integer(\.model.vHeadDim, count), "dimensions of a head's values"),
        ("intermediate_size", .integer(\.model.intermediateSize, 1...1 << 20), "inner width of dense networks"),
        ("moe_intermediate_size", .integer(\.model.moeIntermediateSize, 1...1 << 17), "inner width of an expert"),
        ("n_routed_experts", .integer(\.model.nRoutedExperts, experts), "routed experts per layer"),
        ("n_shared_experts", .integer(\.model.nSharedExperts, 0...256), "shared experts per layer"),
        ("num_experts_per_tok", .integer(\.model.numExpertsPerTok, experts), "routed experts per token"),
        ("n_group", .integer(\.model.nGroup, experts), "groups of routed experts"),
        ("topk_group", .integer(\.model.topkGroup, experts), "groups that the experts of a token are chosen from"),
        ("routed_scaling_factor", .number(\.model.routedScalingFactor, .fromZero), "factor of the routing weights"),
        ("rope_theta", .number(\.model.ropeTheta, .fromZero), "base of rotary frequencies"),
        ("rms_norm_eps", .number(\.model.rmsNormEps, .fromZero), "epsilon of RMS norms"),
        (
            "max_position_embeddings", .integer(\.model.maxPositionEmbeddings, 0...1 << 24),
            "longest sequence, in tokens; 0 for training.seq_len"
        ),
        (
            "num_nextn_predict_layers", .integer(\.model.numNextnPredictLayers, 0...1),
            "depths of multi-token prediction: 0 or 1"
        ),
        ("mtp_loss_scaling_factor", .number(\.model.mtpLossScalingFactor, .fromZero), "weight of the multi-token loss"),
        ("aux_loss_alpha", .number(\.model.auxLossAlpha, .fromZero), "weight of the sequence-wise balance loss"),
        (
            "moe_router_bias_update_rate", .number(\.model.moeRouterBiasUpdateRate, .fromZero),
            "change of the gate's biases per step"
        ),
        ("initializer_range", .number(\.model.initializerRange, .fromZero), "standard deviation of initial weights"),
        ("dtype", .word(\.model.dtype), "type of the model: auto is bfloat16 on cuda, float32 on cpu"),
    ]

    private static let ropeScalingKeys: [Key] = [
        ("type", .word(\.model.ropeScaling.type), "scaling of rotary positions: default (none) or yarn"),
        ("factor", .number(\.model.ropeScaling.factor, .fromOne), "ratio of the longest sequence to the original one"),
        (
            "original_max_position_embeddings",
            .integer(\.model.ropeScaling.originalMaxPositionEmbeddings, 1...1 << 24),
            "longest sequence before the scaling, in tokens"
        ),
        (
            "beta_fast", .number(\.model.ropeScaling.betaFast, .fromZero),
            "rotations above which a frequency is unchanged"
        ),
        ("beta_slow", .number(\.model.ropeScaling.betaSlow, .fromZero), "rotations below which a frequency is divided"),
        ("mscale", .number(\.model.ropeScaling.mscale, .fromZero), "correction of rotated queries and keys"),
        (
            "mscale_all_dim", .number(\.model.ropeScaling.mscaleAllDim, .fromZero),
            "correction of attention scores; equal to mscale"
        ),
    ]

    private static let parallelismKeys: [Key] = [
        (
            "pipeline_parallel_degree", .integer(\.parallelism.pipelineParallelDegree, count), "ranks of the pipeline"
        ),
        (
            "expert_parallel_degree", .integer(\.parallelism.expertParallelDegree, experts),
            "ranks of an expert-parallel group"
        ),
        (
            "pipeline_parallel_schedule", .text(\.parallelism.pipelineParallelSchedule),
            "name of a schedule, or a CSV file"
        ),
        (
            "num_virtual_stages_per_pipeline_rank", .integer(\.parallelism.numVirtualStagesPerPipelineRank, count),
            "stages per rank of interleaved schedules"
        ),
        (
            "num_chains", .integer(\.parallelism.numChains, 0...2),
            "chains of a schedule from a CSV file; 0 for its sidecar's, or 1"
        ),
        (
            "num_microbatches", .integer(\.parallelism.numMicrobatches, 1...1 << 20),
            "micro-batches per step, over all chains"
        ),
        (
            "overlap_moe_expert_parallel_comm", .flag(\.parallelism.overlapMoeExpertParallelComm),
            "whether computation overlaps with the exchange of tokens"
        ),
    ]

    private static let expertsKeys: [Key] = [
        (
            "balance", .word(\.experts.balance),
            "slots of experts: off (each rank's share), static (those of a placement) or exact (replicas are fetched)"
        ),
        ("placement", .text(\.experts.placement), "placement, as contraflow balance reads it; \"\" for none"),
        (
            "balance_slots", .integer(\.experts.balanceSlots, 1...1 << 13),
            "slots per rank for replicas that micro-batches fetch, with balance exact"
        ),
        (
            "balance_slack", .number(\.experts.balanceSlack, .fromZero),
            "part of the mean by which a rank's tokens may exceed the mean, with balance exact"
        ),
        (
            "token_split", .word(\.experts.tokenSplit),
            "division of an expert's tokens among its replicas: exact, equal or nearest"
        ),
    ]

    private static let trainingKeys: [Key] = [
        ("steps", .integer(\.training.steps, 1...1 << 32), "steps of training"),
        ("seq_len", .integer(\.training.seqLen, 1...1 << 24), "tokens per sequence"),
        ("global_batch_size", .integer(\.training.globalBatchSize, 1...1 << 24), "sequences per step, over all ranks"),
        ("max_norm", .number(\.training.maxNorm, .fromZero), "norm that gradients are clipped to; 0 for none"),
        ("on_nonfinite", .word(\.training.onNonfinite), "reaction to a loss that is not finite: stop, skip or rewind"),
        ("seed", .integer(\.training.seed, natural), "seed of every random number"),
        ("dataset_path", .texts(\.training.datasetPath), "text or tokens, in a file or a folder, or a list of them"),
        ("dataset_weights", .numbers(\.training.datasetWeights), "weights of a list of data; [] for their sizes"),
        ("dataset_format", .word(\.training.datasetFormat), "bytes of text, or tokens as uint8, uint16 or uint32"),
        ("device", .word(\.training.device), "cpu or cuda"),
        (
            "ranks_per_device", .integer(\.training.ranksPerDevice, 1...1 << 10),
            "ranks that share a CUDA device, to try layouts of more ranks than devices"
        ),
        ("num_threads", .integer(\.training.numThreads, 1...1 << 10), "compute threads per rank"),
    ]

    private static let optimizerKeys: [Key] = [
        ("lr", .number(\.optimizer.lr, .fromZero), "highest learning rate"),
        ("beta1", .number(\.optimizer.beta1, .belowOne), "decay of the first moment"),
        ("beta2", .number(\.optimizer.beta2, .belowOne), "decay of the second moment"),
        ("eps", .number(\.optimizer.eps, .fromZero), "epsilon added to the root of the second moment"),
        ("weight_decay", .number(\.optimizer.weightDecay, .fromZero), "weight decay, only of matrices"),
    ]

    private static let lrSchedulerKeys: [Key] = [
        ("warmup_steps", .integer(\.lrScheduler.warmupSteps, natural), "steps until the highest learning rate"),
        ("decay_type", .word(\.lrScheduler.decayType), "curve after the warm-up: cosine, linear or sqrt"),
        (
            "min_lr_factor", .number(\.lrScheduler.minLRFactor, .throughOne),
            "ratio of the last learning rate to optimizer.lr"
        ),
    ]

    private static let activationCheckpointKeys: [Key] = [
        (
            "mode", .word(\.activationCheckpoint.mode),
            "recomputed activations: none, selective (norms, MLA up-projections) or full"
        )
    ]

    private static let checkpointKeys: [Key] = [
        ("enable", .flag(\.checkpoint.enable), "whether to save checkpoints and, at the end, the weights"),
        ("interval", .integer(\.checkpoint.interval, natural), "steps between checkpoints; 0 for one at the end"),
        (
            "keep_latest_k", .integer(\.checkpoint.keepLatestK, 1...1 << 20),
            "newest checkpoints that are kept, besides the best by validation loss"
        ),
    ]

    private static let validationKeys: [Key] = [
        ("freq", .integer(\.validation.freq, natural), "steps between validations; 0 for one at the end"),
        ("steps", .integer(\.validation.steps, 1...1 << 20), "batches per validation"),
        ("split", .number(\.validation.split, .belowOne), "share of each file, at its end, that is held out"),
    ]

    private static let metricsKeys: [Key] = [
        ("log_freq", .integer(\.metrics.logFreq, natural), "steps between lines of progress; 0 for about twenty lines"),
        ("enable_tensorboard", .flag(\.metrics.enableTensorboard), "whether to write TensorBoard events"),
    ]

    private static let profilingKeys: [Key] = [
        ("enable_profiling", .flag(\.profiling.enableProfiling), "whether libtorch's profiler records steps"),
        ("profile_freq", .integer(\.profiling.profileFreq, 1...1 << 40), "steps from one recording to the next"),
        (
            "profiler_active", .integer(\.profiling.profilerActive, 1...1 << 20),
            "steps of a recording, which ends at a multiple of profile_freq"
        ),
        ("save_traces_folder", .text(\.profiling.saveTracesFolder), "folder of recordings in the folder of the run"),
    ]

    private static let jobKeys: [Key] = [
        ("name", .text(\.job.name), "name of the run"),
        ("dump_folder", .text(\.job.dumpFolder), "folder in which the folder of the run is created"),
    ]
}
