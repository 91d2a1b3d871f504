extension Recipe {
    /// The layout of the model over ranks, with torchtitan's names.
    public struct ParallelismSection: Hashable, Sendable {
        /// The number of pipeline ranks.
        public var pipelineParallelDegree = 4
        /// The number of ranks of an expert-parallel group.
        public var expertParallelDegree = 2
        /// The name of a schedule, in the spelling of Contraflow or PyTorch, or the path of a CSV file.
        public var pipelineParallelSchedule = "dualpipe"
        /// The number of stages per rank of interleaved schedules (Megatron's `num_virtual_stages_per_pipeline_rank`).
        public var numVirtualStagesPerPipelineRank = 2
        /// The number of chains of a schedule from a CSV file; 0 for that of the file's sidecar, or 1.
        public var numChains = 0
        /// The number of micro-batches per step, over all chains.
        public var numMicrobatches = 8
        /// Whether computation overlaps with the exchange of tokens (Megatron's `overlap_moe_expert_parallel_comm`).
        public var overlapMoeExpertParallelComm = true

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
