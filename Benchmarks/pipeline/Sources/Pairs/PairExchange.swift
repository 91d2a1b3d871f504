import DistributedRuntime
import Foundation

/// An exchange of tokens in a group of one rank.
enum PairExchange {
    /// Messages between processes on the CPU.
    case gloo
    /// Copies on the device.
    case copies
    /// NCCL, with at most the given number of blocks.
    case nccl(blocks: Int)

    /// The exchanges that are measured on a device. DeepSeek-V3's training gave 20 SMs to communication.
    static func all(_ device: PairModel.Device) -> [PairExchange] {
        [.copies] + (device == .cpu ? [.gloo] : [4, 8, 20].map { .nccl(blocks: $0) })
    }

    var name: String {
        switch self {
        case .gloo: "Gloo"
        case .copies: "copies"
        case .nccl(let blocks): "NCCL, \(blocks) blocks"
        }
    }

    /// Creates the group.
    func group(_ place: RankContext) throws -> ProcessGroup {
        switch self {
        case .gloo: return try place.rendezvous().tokens([0])
        case .copies:
            return try ThreadGroup(name: UUID().uuidString, rank: 0, ranks: [0], timeoutMilliseconds: 60_000)
        case .nccl(let blocks): return try place.rendezvous().tokens([0], mostBlocks: blocks)
        }
    }
}
