extension Recipe {
    /// The model's layout over ranks, by torchtitan's names.
    public struct ParallelismSection: Hashable, Sendable {
        /// Ranks of the pipeline.
        public var pipelineParallelDegree = 4
        /// Ranks of an expert-parallel group.
        public var expertParallelDegree = 2
        /// A schedule's name, as Contraflow or PyTorch spells it, or the path of a CSV file.
        public var pipelineParallelSchedule = "dualpipe"
        /// Stages per rank of interleaved schedules (Megatron's `num_virtual_stages_per_pipeline_rank`).
        public var numVirtualStagesPerPipelineRank = 2
        /// Chains of a schedule that is read from a CSV file.
        public var numChains = 1
        /// Micro-batches per step, over all chains.
        public var numMicrobatches = 8
        /// Whether computation runs while tokens are exchanged (Megatron's `overlap_moe_expert_parallel_comm`).
        public var overlapMoeExpertParallelComm = true

        /// The `shakespeare` preset's layout.
        public init() {}
    }
}
