import Foundation
import LibTorch
import PipelineRuntime
import Timelines
import TrainingRecipes
import TrainingRuns

/// Records chosen steps of a rank with libtorch's profiler, and writes a file per rank and recording.
///
/// On the CPU, the files also have the rank's own spans, from which `contraflow analyze` computes the figures that it
/// computes from kernels on other devices.
struct StepProfiler {
    private let settings: Recipe.ProfilingSection
    private let folder: RunFolder
    private let rank, worldSize: Int
    private let lastStep: Int
    private let addsOwnSpans: Bool
    private var spans = Timeline()
    private var isRecording = false

    init(_ recipe: Recipe, folder: RunFolder, rank: Int, worldSize: Int) {
        settings = recipe.profiling
        self.folder = folder
        self.rank = rank
        self.worldSize = worldSize
        lastStep = recipe.training.steps
        addsOwnSpans = recipe.training.device == .cpu
    }

    /// Runs a step, and records it if the recipe asks for it.
    mutating func run<Result>(_ step: Int, _ recorder: SpanRecorder, _ body: () throws -> Result) throws -> Result {
        guard settings.records(step) else { return try body() }
        if !isRecording {
            try Profiler.start()
            isRecording = true
            spans = Timeline()
        }
        recorder.isAnnotated = true
        defer { recorder.isAnnotated = false }
        let result = try Profiler.annotating("ProfilerStep#\(step)", body)
        if addsOwnSpans { spans.append(contentsOf: recorder.timeline) }
        return result
    }

    /// Writes the recording that ends with a step, if there is one.
    mutating func finish(_ step: Int, isLast: Bool) throws {
        guard isRecording, isLast || settings.endsRecording(step) || step == lastStep else { return }
        isRecording = false
        let folder = try OpenFolder(folder.url).folder(settings.saveTracesFolder, creates: true)
            .folder("iteration_\(step)", creates: true)
        let name = "rank\(rank).pt.trace.json"
        // libtorch would write through a link of this name.
        try folder.removeFile(name)
        try Profiler.describe(
            "distributedInfo", json: #"{"backend":"contraflow","rank":\#(rank),"world_size":\#(worldSize)}"#)
        try Profiler.stop(writing: "\(folder.path)/\(name)")
        try ProfilerFile(name, in: folder).compress(adding: spans)
    }
}
