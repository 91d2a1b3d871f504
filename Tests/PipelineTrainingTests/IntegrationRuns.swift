import ExpertBalancing
import LibTorch
import PipelineSchedules
import TrainingRecipes

extension IntegrationRun {
    /// Every integration run. Each computes the gradients of one process, within ``tolerance``, or is refused.
    static let all =
        everySchedule + particular + orderInsteadOfTags + messages + threads(on: .cpu) + replicated + fetching

    /// Every built-in schedule on every layout, in float64.
    static let everySchedule: [IntegrationRun] = BuiltInSchedule.allCases.flatMap { schedule in
        [(1, 1), (2, 1), (4, 1), (2, 2), (1, 4), (4, 2)].map { .init(nil, schedule, p: $0, e: $1, m: 16 / $1) }
    }

    /// The layouts that users ask about: a name, a schedule, pipeline degree P, expert degree E, M micro-batches, and
    /// the differences from a model of two dense and six expert layers, 16 sequences and float64.
    private static let particular: [IntegrationRun] = [
        // Layers and stages
        .init("one layer in total", .dualPipe, p: 1, e: 1, m: 4, layers: 1),
        .init("one layer in total", .oneForwardOneBackward, p: 1, e: 2, m: 4, layers: 1),
        .init("fewer layers than stages", .gpipe, p: 2, e: 1, m: 4, layers: 1, refused: "cuts the model into 2 stages"),
        .init("fewer layers than stages", .dualPipeV, p: 4, e: 1, m: 8, layers: 7, refused: "into at most 7"),
        .init("as many layers as stages", .dualPipeV, p: 2, e: 2, m: 4, layers: 4),
        .init("layers not divisible by stages", .oneForwardOneBackward, p: 4, e: 1, m: 8, layers: 5),
        .init("layers not divisible by stages", .interleaved, p: 2, e: 2, m: 8, layers: 7),
        .init("head worth three layers", p: 2, e: 1, m: 2, layers: 4, csv: headWorthThreeLayers),
        .init("head worth three layers", p: 2, e: 2, m: 2, layers: 4, csv: headWorthThreeLayers),
        .init("no experts", .dualPipe, p: 2, e: 2, m: 8, dense: 8),
        .init("experts in the last stage only", .oneForwardOneBackward, p: 4, e: 2, m: 8, dense: 6),
        .init("experts in every layer", .zeroBubble, p: 4, e: 2, m: 8, dense: 0),
        .init("no shared experts", .dualPipe, p: 2, e: 2, m: 8, shared: 0),
        .init("no multi-token prediction", .dualPipe, p: 4, e: 1, m: 8, mtp: 0),
        .init("no multi-token prediction", .zeroBubble, p: 4, e: 2, m: 8, mtp: 0),
        .init("everything recomputed", .dualPipe, p: 2, e: 2, m: 8, recomputed: .full),
        .init("selective recomputation", .oneForwardOneBackward, p: 1, e: 1, m: 4, recomputed: .selective),
        .init("selective recomputation", .zeroBubble, p: 4, e: 1, m: 8, recomputed: .selective),
        .init("selective recomputation", .zeroBubbleV, p: 2, e: 2, m: 8, recomputed: .selective),
        .init("selective recomputation", .dualPipe, p: 4, e: 2, m: 8, recomputed: .selective),
        .init("selective, no shared experts", .dualPipeV, p: 2, e: 1, m: 4, shared: 0, recomputed: .selective),

        // Micro-batches
        .init("fewer micro-batches than ranks", .gpipe, p: 4, e: 1, m: 1),
        .init("fewer micro-batches than ranks", .oneForwardOneBackward, p: 4, e: 2, m: 2),
        .init("fewer micro-batches than ranks", .interleaved, p: 4, e: 1, m: 2),
        .init("fewer micro-batches than ranks", .zeroBubble, p: 4, e: 1, m: 2),
        .init("fewer micro-batches than ranks", .zeroBubbleV, p: 4, e: 1, m: 1),
        .init("fewer micro-batches than ranks", .dualPipe, p: 4, e: 1, m: 2),
        .init("fewer micro-batches than ranks", .dualPipeV, p: 4, e: 1, m: 2),
        .init("one micro-batch for two chains", .dualPipe, p: 2, e: 1, m: 1, refused: "1 micro-batch"),
        .init("odd number of micro-batches", .dualPipe, p: 2, e: 1, m: 5, sequences: 15),
        .init("odd number of micro-batches", .dualPipe, p: 4, e: 1, m: 3, sequences: 15),
        .init("odd number of micro-batches", .dualPipeV, p: 2, e: 1, m: 5, sequences: 15),
        .init("batch not divisible by micro-batches", .dualPipe, p: 2, e: 1, m: 5, refused: "use a multiple of 5"),
        .init("three sequences per micro-batch", .dualPipe, p: 2, e: 2, m: 4, sequences: 24),

        // Ranks
        .init("odd number of ranks", .dualPipe, p: 3, e: 1, m: 8),
        .init("odd number of ranks", .dualPipe, p: 3, e: 2, m: 8),
        .init("odd number of ranks", .dualPipe, p: 5, e: 1, m: 4),
        .init("odd number of ranks", .dualPipeV, p: 3, e: 1, m: 8),
        .init("odd number of ranks", .chimera, p: 3, e: 1, m: 8),
        .init("one expert per rank, half an expert group", .dualPipe, p: 1, e: 8, m: 2),
        .init("more expert ranks than experts", .gpipe, p: 1, e: 16, m: 1, refused: "expert degree 16 does not"),
        .init("experts not divisible", .gpipe, p: 1, e: 3, m: 5, sequences: 15, refused: "expert degree 3 does not"),

        // Transports
        .init("values needed in another order than sent", p: 2, e: 1, m: 4, csv: crossing),
        .init("values needed in another order than sent, no tags", p: 2, e: 1, m: 4, csv: crossing, hasTags: false),

        // Types
        .init("float32", .dualPipe, p: 2, e: 2, m: 8, type: .float32),
        .init("float32", .dualPipeV, p: 4, e: 1, m: 16, type: .float32),
        .init("float32", .zeroBubbleV, p: 1, e: 4, m: 4, type: .float32),
        .init("bfloat16", .dualPipe, p: 2, e: 2, m: 8, type: .bfloat16),
        .init("bfloat16", .dualPipeV, p: 4, e: 1, m: 16, type: .bfloat16),
        .init("bfloat16", .zeroBubbleV, p: 1, e: 4, m: 4, type: .bfloat16),
    ]

    /// Runs on a transport that matches sends and receives by order, as NCCL does: a mix-up would change the gradients.
    private static let orderInsteadOfTags = everySchedule.filter {
        $0.pipeline == 4 && ($0.experts == 1 || $0.schedule == .dualPipe)
    }.map { $0.with("order instead of tags") { $0.hasTags = false } }

    /// DualPipe on every expert-parallel layout, and schedules of other kinds on one.
    private static let expertParallel = everySchedule.filter {
        $0.experts > 1
            && ($0.schedule == .dualPipe
                || $0.pipeline == 2 && [.dualPipeV, .interleaved, .zeroBubble].contains($0.schedule))
    }

    /// Runs in which experts have replicas on other ranks.
    static let replicated: [IntegrationRun] =
        expertParallel.map { $0.replicated(1) } + [
            .init("everything recomputed", .dualPipe, p: 2, e: 2, m: 8, recomputed: .full).replicated(2),
            .init("selective recomputation", .dualPipe, p: 2, e: 2, m: 8, recomputed: .selective).replicated(1),
            .init("no shared experts", .zeroBubble, p: 1, e: 4, m: 4, shared: 0).replicated(3, .equal),
            .init("nearest replicas", .dualPipeV, p: 2, e: 2, m: 8).replicated(1, .nearest),
            .init("experts moved, without replicas", .dualPipe, p: 2, e: 4, m: 4).replicated(0),
            .init("a replica of every expert on every rank", .dualPipe, p: 1, e: 2, m: 8).replicated(4),
            .init("experts in the last stage only", .oneForwardOneBackward, p: 4, e: 2, m: 8, dense: 6).replicated(2),
            .init("float32", .dualPipe, p: 2, e: 2, m: 8, type: .float32).replicated(2),
            .init("bfloat16", .dualPipe, p: 2, e: 2, m: 8, type: .bfloat16).replicated(2),
        ]

    /// Runs in which micro-batches fetch replicas of experts.
    static let fetching: [IntegrationRun] =
        expertParallel.map { $0.fetching(1) } + [
            .init("everything recomputed", .dualPipe, p: 2, e: 2, m: 8, recomputed: .full).fetching(2),
            .init("selective recomputation", .dualPipe, p: 2, e: 2, m: 8, recomputed: .selective).fetching(2),
            .init("no shared experts", .zeroBubble, p: 1, e: 4, m: 4, shared: 0).fetching(3, replicas: 1),
            .init("one expert per rank", .gpipe, p: 1, e: 8, m: 2).fetching(2),
            .init("no shared memory", .dualPipe, p: 2, e: 2, m: 8).fetching(2, replicas: 1).with("messages") {
                $0.sharesMemory = false
            },
            .init("threads on one device", .zeroBubble, p: 1, e: 2, m: 8).fetching(2, replicas: 1).with("threads") {
                $0.sharedDevice = .cpu
            },
            .init("float32", .dualPipe, p: 2, e: 2, m: 8, type: .float32).fetching(2),
            .init("bfloat16", .dualPipe, p: 2, e: 2, m: 8, type: .bfloat16).fetching(2),
        ]

    /// Runs in which experts move in every step, owners included.
    static let migrating: [IntegrationRun] = {
        let runs: [IntegrationRun] = [
            IntegrationRun(nil, .dualPipe, p: 2, e: 2, m: 8).replicated(1),
            IntegrationRun(nil, .dualPipe, p: 1, e: 4, m: 4).replicated(0),
            IntegrationRun(nil, .zeroBubble, p: 2, e: 2, m: 8).replicated(2, .equal),
            IntegrationRun(nil, .dualPipeV, p: 2, e: 2, m: 8).fetching(2, replicas: 1),
        ]
        return runs.map { run in run.with("migration") { $0.migrates = true } }
    }()

    /// Returns the run with `count` slots on each rank for replicas that micro-batches fetch, besides `replicas` that
    /// stay.
    private func fetching(_ count: Int, replicas: Int = 0) -> IntegrationRun {
        with("\(count) free slots per rank") { ($0.freeSlots, $0.replicasPerRank) = (count, replicas) }
    }

    /// Returns the run with `count` replicas on each rank.
    private func replicated(_ count: Int, _ split: ReplicaSplit = .exact) -> IntegrationRun {
        with("\(count) replicas per rank") { ($0.replicasPerRank, $0.split) = (count, split) }
    }

    /// Runs of ranks that are threads, have streams of their own, and exchange by copies on one device.
    static func threads(on device: Device) -> [IntegrationRun] {
        let expertParallel = BuiltInSchedule.allCases.map { IntegrationRun(nil, $0, p: 1, e: 2, m: 8) }
        let runs = everySchedule.filter {
            ($0.experts == 1 && $0.pipeline <= 2) || ($0.schedule == .dualPipe && $0.pipeline == 2)
        }
        return (runs + expertParallel).map { $0.with("threads on one device") { $0.sharedDevice = device } }
    }

    /// Runs without shared memory, which sum gradients and exchange tokens by messages. At expert degree 1, another test
    /// expects the same bits as with shared memory.
    private static let messages = everySchedule.filter {
        $0.experts > 1 && ($0.schedule == .dualPipe || $0.schedule == .zeroBubbleV)
    }.map { $0.with("no shared memory") { $0.sharesMemory = false } }

    /// Four stages, of which the second rank holds the last alone.
    private static let headWorthThreeLayers = """
        0F0,1F0,2F0,0F1,1F1,2F1,2I0,1I0,0I0,2W0,1W0,0W0,2B1,1B1,0B1
        3F0,3I0,3W0,3F1,3B1

        """

    /// The last rank needs values in another order than the first rank sends them, and the reverse.
    private static let crossing = "0F0,0F1,0F2,0F3,0B3,0B2,0B1,0B0\n1F3,1B3,1F1,1B1,1F0,1B0,1F2,1B2\n"
}
