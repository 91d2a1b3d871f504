import DistributedRuntime
import PipelineSchedules

/// What a rank is asked to run.
struct StepRequest: Decodable {
    /// What a step consists of.
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
        /// Or how many exchanges a step has.
        let microbatches: Int
        /// Blocks of the whole model.
        let blocks: Int?
        /// What stages hand each other, or what is exchanged or summed.
        let shape: [Int]
        /// The length of a sleeping block's F, I and W each, in nanoseconds.
        let kernel: Int64?
        /// Whether every rank runs a pipeline of its own, of one rank.
        let isApart: Bool?
        /// Whether exchanges go by memory that the ranks share, and not by messages.
        let isShared: Bool?
        /// What emulated layers take.
        let layers: LayerCosts?
    }

    let subject: Subject
    let steps: Int
}

extension StepRequest.Subject {
    /// The rank's part of the step.
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
    var description: String { "an exchange needs more ranks than one" }
}

struct UnknownSchedule: Error, CustomStringConvertible {
    let name: String

    var description: String { "there is no schedule '\(name)'" }
}
