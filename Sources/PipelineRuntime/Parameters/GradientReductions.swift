import DistributedRuntime
import LibTorch
package import PipelineSchedules
import Timelines

/// The sums of gradients over all ranks that hold the same parameters. A sum by messages starts as soon as the rank's
/// row has computed the rank's contribution, and runs beside the rest of the row. Sums in shared memory follow the row.
///
/// The order in which the sums of a group start is derived from the whole schedule, so that it is the same on all ranks
/// of the group. Sums to which all ranks contribute early start first.
package final class GradientReductions {
    private struct Reduction {
        let bucket: ParameterBucket
        let ranks: [Int]
        let group: ProcessGroup?
        /// The position in the rank's row after which the sum starts.
        var position: Int
    }

    private let reductions: [Reduction]
    private let shared: SharedMemoryReductions
    private let owns: [Bool]
    private let streams: RankStreams
    private let recorder: SpanRecorder
    private let extent: SpanRecorder.Key
    private let wait: SpanRecorder.Key
    /// The extents of the sums that have started; nil for sums of one rank and in shared memory.
    private var started: [SpanRecorder.Extent?] = []
    /// The sum of each bucket's own gradients, which is finite only if all of them are.
    private var ownSums: [Tensor] = []

    package init(
        _ parameters: RankParameters, _ schedule: Schedule, _ map: StageMap, groups: RankGroups, streams: RankStreams,
        recorder: SpanRecorder
    ) {
        let rows = schedule.rows.map { row in row.filter { $0 != .idle } }
        /// Returns the number of steps from the rank's last contribution to the gradients of the given stages of the
        /// model to the end of its row, both included.
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
            // The replicas of experts return their gradients after the row.
            let own =
                areExperts && parameters.returnsGradients
                ? ownCount : ownCount - stepsLeft(groups.pipelineRank, bucket.key.stages)
            let position = max(own, latest[ranks] ?? 0)
            latest[ranks] = position
            return Reduction(
                bucket: bucket, ranks: ranks, group: groups.reduction(copies: copies, areExperts: areExperts),
                position: position)
        }.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }.map(\.element)
        shared = SharedMemoryReductions(reductions.map { ($0.ranks, $0.group, $0.bucket.sharedGradients) })
        owns = reductions.map { parameters.owns($0.bucket) }
        self.streams = streams
        self.recorder = recorder
        extent = recorder.key(.reductions, .gradientReduction)
        wait = recorder.key(.reductionWaits, .wait(.gradientReduction))
    }

    /// The names and ranks of the collectives that start after the whole row.
    package var startedLast: [(ranks: [Int], name: String)] { shared.order }

    /// Returns the names and ranks of the sums that start after the steps at `positions` of the row.
    package func started(after positions: Range<Int>) -> [(ranks: [Int], name: String)] {
        reductions.filter { positions.contains($0.position) && $0.bucket.sharedGradients == nil }.map {
            ($0.ranks, "sum of \($0.bucket.gradients.elementCount) gradients")
        }
    }

    /// Starts all sums to which the rank has contributed once the row has run up to `position`.
    package func start(through position: Int) throws {
        while started.count < reductions.count, reductions[started.count].position <= position {
            let reduction = reductions[started.count]
            let bucket = reduction.bucket
            // Once a NaN is summed over ranks, it no longer tells which rank it came from.
            ownSums.append(try bucket.gradients.sum().converted(to: .float64))
            let group = bucket.sharedGradients == nil ? reduction.group : nil
            started.append(
                try group.map { group in
                    let event = try Event.record()
                    return try recorder.extent(on: streams.sumTimer, after: event) {
                        try streams.sums.perform(after: event) { try group.allReduce(bucket.gradients) }
                    }
                })
        }
    }

    /// Waits for all sums. On a device, only the device waits, and the results are not computed yet.
    package func finish() throws -> GradientNumbers {
        try start(through: .max)
        defer {
            started = []
            ownSums = []
        }
        if !shared.isEmpty {
            let start = try recorder.now()
            try recorder.recording(wait) { try shared.sum() }
            recorder.record(extent, from: start, to: try recorder.now())
        }
        var squaredNorm = try Tensor.zeros([], .float64)
        for (index, sum) in started.enumerated() {
            if let sum {
                try recorder.recording(wait) { try sum.work.wait() }
                try recorder.record(extent, sum)
            }
            if owns[index] {
                squaredNorm = try squaredNorm.adding(reductions[index].bucket.gradients.squaredNorm())
            }
        }
        return GradientNumbers(ownSums: ownSums, squaredNorm: squaredNorm)
    }
}
