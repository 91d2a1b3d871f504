import DistributedRuntime
import PipelineSchedules

/// A request to run a number of steps.
struct StepRequest: Decodable {
    /// The contents of a step.
    struct Subject: Decodable, Hashable {
        enum Work: String, Decodable {
            /// Kernels sleep for their cost.
            case sleep
            /// Blocks of a perceptron compute.
            case blocks
            /// Emulated MoE layers, whose exchanges are overlapped or waited for.
            case layers
            /// All-to-alls, one after the other.
            case exchange
            /// Sums over all ranks, one after the other.
            case sum
        }

        let work: Work
        /// The name of a built-in schedule.
        let schedule: String
        /// The number of micro-batches, or of exchanges or sums, per step.
        let microbatches: Int
        /// The number of blocks of the whole model.
        let blocks: Int?
        /// The shape of the tensors that one stage hands to the next, or that are exchanged or summed.
        let shape: [Int]
        /// The length of each of a sleeping block's F, I and W, in nanoseconds.
        let kernel: Int64?
        /// Whether every rank runs a pipeline of one rank by itself.
        let isApart: Bool?
        /// Whether exchanges use shared memory instead of messages.
        let isShared: Bool?
        /// The costs of emulated layers.
        let layers: LayerCosts?
    }

    let subject: Subject
    let steps: Int
}

extension StepRequest.Subject {
    /// Creates the rank's part of the step.
    func workload(rank: Int, group: TimedGroup?) throws -> any Workload {
        let group = isApart == true ? nil : group
        let rank = group == nil ? 0 : rank
        let ranks = group?.group.size ?? 1
        if let group, work == .exchange || work == .sum { return try ExchangeWorkload(self, group: group.group) }
        guard let builtIn = BuiltInSchedule(rawValue: schedule) else { throw UnknownSchedule(name: schedule) }
        let built = try builtIn.build(ranks: ranks, microbatches: microbatches)
        switch work {
        case .sleep: return try SleepingWorkload(self, built, rank: rank, group: group)
        case .blocks: return try BlockWorkload(self, built, rank: rank, group: group)
        case .layers:
            guard let layers else { throw MissingCosts() }
            return try LayerWorkload(self, layers, built, rank: rank, group: group)
        case .exchange, .sum: throw MissingRanks()
        }
    }
}

struct MissingCosts: Error, CustomStringConvertible {
    var description: String { "work 'layers' needs the costs of its layers" }
}

struct MissingRanks: Error, CustomStringConvertible {
    var description: String { "work 'exchange' and 'sum' need at least two ranks" }
}

struct UnknownSchedule: Error, CustomStringConvertible {
    let name: String

    var description: String { "there is no schedule '\(name)'" }
}
