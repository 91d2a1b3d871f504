package import LibTorch
import CLibTorch
import Foundation

/// One tensor a member of a group, in memory of one machine that every member sees.
///
/// Adding them up takes no message: each member adds its own share of the elements, so that all of them together pass
/// once over the memory.
package final class SharedMemoryTensors {
    /// Elements that are added at a time, few enough to stay in a core's cache until everyone has them.
    private static let block = 1 << 15
    /// Shares begin at multiples of it, so that no two members write to one cache line.
    private static let alignment = 64

    /// Everyone's tensor, in the order of ranks.
    let members: [Tensor]
    private let rank: Int
    /// This member's tensor.
    package var own: Tensor { members[rank] }

    private init(members: [Tensor], rank: Int) {
        self.members = members
        self.rank = rank
    }

    /// Makes the tensors of `count` zeros, one a member; every member of the group calls it.
    ///
    /// - Returns: nil, to all members, where they are not processes or threads of one machine, or where one is not allowed to see
    ///   another's memory.
    package static func rendezvous(
        in group: ProcessGroup, count: Int, _ type: ElementType
    ) throws(LibTorchError) -> SharedMemoryTensors? {
        var descriptor: Int32 = -1
        defer { if descriptor >= 0 { close(descriptor) } }
        let machine = machine
        if machine != nil { _ = ct_memory_file(Int64(count * type.byteCount), &descriptor) }
        let places = try group.allGather([Int(descriptor), Int(getpid())] + (machine ?? [0, 0, 0, 0]))
        guard places.allSatisfy({ $0[0] >= 0 && $0[2...] == places[0][2...] }) else { return nil }
        let members = try? places.map { place throws(LibTorchError) in
            try Tensor { ct_from_file("/proc/\(place[1])/fd/\(place[0])", Int64(count), type.rawValue, &$0) }
        }
        // Only then may a descriptor be closed.
        let seen = try group.allGather([members == nil ? 0 : 1])
        guard let members, seen.allSatisfy({ $0 == [1] }) else { return nil }
        return SharedMemoryTensors(members: members, rank: group.rank)
    }

    /// Makes this member's share of the elements the sum over all members, in everyone's tensor. The others must neither write nor
    /// read meanwhile, but for their own shares.
    ///
    /// Terms are added in the order of ranks.
    package func sumShare() throws(LibTorchError) {
        let count = own.elementCount
        func start(_ rank: Int) -> Int {
            min(count, (count * rank / members.count + Self.alignment - 1) / Self.alignment * Self.alignment)
        }
        let end = rank + 1 == members.count ? count : start(rank + 1)
        for position in stride(from: start(rank), to: end, by: Self.block) {
            let blocks = try members.map { member throws(LibTorchError) in
                try member.narrowed(0, position..<min(end, position + Self.block))
            }
            for other in blocks.dropFirst() { try blocks[0].add(other) }
            for other in blocks.dropFirst() { try other.set(to: blocks[0]) }
        }
    }

    /// Four numbers by which processes that share memory tell each other: a machine's start, and the namespaces of its processes
    /// and of its network, as what lies in two networks is meant to be apart; nil where the system does not tell.
    private static var machine: [Int]? {
        guard let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            let start = UUID(uuidString: text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return nil }
        var numbers = withUnsafeBytes(of: start.uuid) { Array($0.bindMemory(to: Int.self)) }
        for space in ["pid", "net"] {
            var status = stat()
            guard stat("/proc/self/ns/\(space)", &status) == 0 else { return nil }
            numbers.append(Int(status.st_ino))
        }
        return numbers
    }
}
