/// Everything that decides a training run: the model, its layout over ranks, its data and its training.
///
/// A preset is a value of this type; a TOML file and `--section.key value` options change it. The keys of `[model]` are
/// those of Hugging Face's configuration of DeepSeek-V3; the other sections and their keys are torchtitan's, and
/// Megatron's if torchtitan has none. ``fields`` lists them all with what each means.
public struct Recipe: Hashable, Sendable {
    /// The model's sizes.
    public var model = ModelSection()
    /// The model's layout over ranks.
    public var parallelism = ParallelismSection()
    /// The steps, their batches and their data.
    public var training = TrainingSection()
    /// The settings of AdamW.
    public var optimizer = OptimizerSection()
    /// The learning rate over the steps.
    public var lrScheduler = LRSchedulerSection()
    /// The activations that the backward recomputes.
    public var activationCheckpoint = ActivationCheckpointSection()
    /// The checkpoints that an interrupted run continues from.
    public var checkpoint = CheckpointSection()
    /// The loss on data that is not trained on.
    public var validation = ValidationSection()
    /// The progress and the events that a run writes.
    public var metrics = MetricsSection()
    /// The run's name and place.
    public var job = JobSection()

    /// The recipe of the `shakespeare` preset.
    public init() {}

    /// The ranks that the recipe asks for.
    public var grid: DeviceMesh {
        DeviceMesh(pipeline: parallelism.pipelineParallelDegree, experts: parallelism.expertParallelDegree)
    }
}
