/// The configuration of a training run: the model, its layout over ranks, its data and its training.
///
/// A preset is a value of this type. TOML files and `--section.key value` options change it. The keys of `[model]` are
/// those of Hugging Face's configuration of DeepSeek-V3. The other sections and keys are torchtitan's, or Megatron's if
/// torchtitan has no such key. A few keys, such as `num_chains`, exist only here. ``fields`` lists all keys with their
/// meanings.
public struct Recipe: Hashable, Sendable {
    /// The model's sizes.
    public var model = ModelSection()
    /// The model's layout over ranks.
    public var parallelism = ParallelismSection()
    /// The slots of routed experts.
    public var experts = ExpertsSection()
    /// The steps, their batches and their data.
    public var training = TrainingSection()
    /// The settings of AdamW.
    public var optimizer = OptimizerSection()
    /// The schedule of the learning rate.
    public var lrScheduler = LRSchedulerSection()
    /// The activations that the backward pass recomputes.
    public var activationCheckpoint = ActivationCheckpointSection()
    /// The checkpoints that an interrupted run continues from.
    public var checkpoint = CheckpointSection()
    /// The validation on held-out data.
    public var validation = ValidationSection()
    /// The progress lines and the TensorBoard events that a run writes.
    public var metrics = MetricsSection()
    /// The steps that libtorch's profiler records.
    public var profiling = ProfilingSection()
    /// The name and the folder of the run.
    public var job = JobSection()

    /// Creates the recipe of the `shakespeare` preset.
    public init() {}

    /// The mesh of the ranks of a run.
    public var grid: DeviceMesh {
        DeviceMesh(pipeline: parallelism.pipelineParallelDegree, experts: parallelism.expertParallelDegree)
    }
}
