import DistributedRuntime
import LibTorch
package import PipelineSchedules
import Timelines

/// The sums of gradients over everyone who holds the same parameters, each started as soon as the rank's row has computed
/// its part, while the rest of the row goes on; behind the row where they lie in shared memory.
///
/// In which order a group's sums are started is derived from the whole schedule, so that all of its ranks start them alike:
/// first what all holders have early.
package final class GradientReductions {
    private struct Reduction {
        let bucket: ParameterBucket
        let ranks: [Int]
        let group: ProcessGroup?
        /// The position in the rank's row behind which it starts.
        var position: Int
    }

    private let reductions: [Reduction]
    private let shared: SharedMemoryReductions
    private let owns: [Bool]
    private let recorder: SpanRecorder
    private let extent: SpanRecorder.Key
    private let wait: SpanRecorder.Key
    private var started: [(work: PendingWork?, start: Int64)] = []
    private var isFinite = true

    package init(
        _ parameters: RankParameters, _ schedule: Schedule, _ map: StageMap, groups: RankGroups, recorder: SpanRecorder
    ) {
        let rows = schedule.rows.map { row in row.filter { $0 != .idle } }
        /// How many steps of a rank's row are left, itself included, when it has its part of what stages of the model add.
        func stepsLeft(_ rank: Int, _ stages: [Int]) -> Int {
            let last = rows[rank].lastIndex { step in
                var adds = false
                step.forEachAction { action in
                    adds = adds || (action.kind != .forward && stages.contains(map.modelStage(of: action.stage).index))
                }
                return adds
            }
            return rows[rank].count - (last ?? 0)
        }
        let ordered = parameters.buckets.map { bucket in
            (bucket, bucket.key.copies.map { stepsLeft($0, bucket.key.stages) }.min() ?? 0)
        }.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.key < $1.0.key }
        var latest: [[Int]: Int] = [:]
        let ownCount = rows[groups.pipelineRank].count
        reductions = ordered.map { bucket, _ in
            let (copies, areExperts) = (bucket.key.copies, bucket.key.areExperts)
            let ranks = groups.reductionRanks(copies: copies, areExperts: areExperts)
            let own = ownCount - stepsLeft(groups.pipelineRank, bucket.key.stages)
            let position = max(own, latest[ranks] ?? 0)
            latest[ranks] = position
            return Reduction(
                bucket: bucket, ranks: ranks, group: groups.reduction(copies: copies, areExperts: areExperts),
                position: position)
        }.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }.map(\.element)
        shared = SharedMemoryReductions(reductions.map { ($0.ranks, $0.group, $0.bucket.sharedGradients) })
        owns = reductions.map { parameters.owns($0.bucket) }
        self.recorder = recorder
        extent = recorder.key(.reductions, .gradientReduction)
        wait = recorder.key(.reductionWaits, .wait(.gradientReduction))
    }

    /// What is started behind the whole row: the ranks that sum, and what.
    package var startedLast: [(ranks: [Int], name: String)] { shared.order }

    /// What is started behind a range of positions of the row: the ranks that sum, and what.
    package func started(behind positions: Range<Int>) -> [(ranks: [Int], name: String)] {
        reductions.filter { positions.contains($0.position) && $0.bucket.sharedGradients == nil }.map {
            ($0.ranks, "sum of \($0.bucket.gradients.elementCount) gradients")
        }
    }

    /// Starts all that the row up to `position` has computed.
    package func start(through position: Int) throws {
        while started.count < reductions.count, reductions[started.count].position <= position {
            let reduction = reductions[started.count]
            let bucket = reduction.bucket
            // A sum of NaN would name nobody.
            isFinite = try isFinite && bucket.gradients.isFinite()
            let group = bucket.sharedGradients == nil ? reduction.group : nil
            started.append((try group?.allReduce(bucket.gradients), recorder.now()))
        }
    }

    /// Waits for all sums.
    ///
    /// - Returns: Whether this rank's part was finite before anything was summed, and its part of the sum of squares of all
    ///   gradients, each logical parameter counted by one of its holders.
    package func finish() throws -> (isFinite: Bool, squaredNorm: Double) {
        try start(through: .max)
        defer {
            started = []
            isFinite = true
        }
        if !shared.isEmpty {
            let start = recorder.now()
            try recorder.recording(wait) { try shared.sum() }
            recorder.record(extent, from: start)
        }
        var squaredNorm = 0.0
        for (index, (work, start)) in started.enumerated() {
            if let work {
                try recorder.recording(wait) { try work.wait() }
                recorder.record(extent, start..<max(work.end ?? recorder.now(), start))
            }
            if owns[index] { squaredNorm += try reductions[index].bucket.gradients.squaredNorm() }
        }
        return (isFinite, squaredNorm)
    }
}
