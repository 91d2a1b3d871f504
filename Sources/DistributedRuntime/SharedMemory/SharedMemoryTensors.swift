package import LibTorch
import CLibTorch
import Foundation

/// One tensor per member of a group, in shared memory of one machine.
///
/// The sum of the tensors takes no messages. Each member sums its own share of the elements, so all members together
/// read the memory once.
package final class SharedMemoryTensors {
    /// The number of elements that are summed at a time. They stay in the core's cache until they are copied to all
    /// members.
    private static let block = 1 << 15
    /// The first element of a share is a multiple of this number, so no two members write to the same cache line.
    private static let alignment = 64

    /// The tensors of all members, in rank order.
    let members: [Tensor]
    private let rank: Int
    /// This member's tensor.
    package var own: Tensor { members[rank] }

    private init(members: [Tensor], rank: Int) {
        self.members = members
        self.rank = rank
    }

    /// Creates tensors of `count` zeros, one per member. Every member of the group must call this method.
    ///
    /// - Returns: nil, to all members, if they do not run on one machine or if a member may not map another's memory.
    package static func rendezvous(
        in group: ProcessGroup, count: Int, _ type: ElementType
    ) throws(LibTorchError) -> SharedMemoryTensors? {
        var descriptor: Int32 = -1
        defer { if descriptor >= 0 { close(descriptor) } }
        let machine = machine
        if machine != nil { _ = ct_memory_file(Int64(count * type.byteCount), &descriptor) }
        let files = try group.allGather([Int(descriptor), Int(getpid())] + (machine ?? [0, 0, 0, 0]))
        guard files.allSatisfy({ $0[0] >= 0 && $0[2...] == files[0][2...] }) else { return nil }
        let members = try? files.map { file throws(LibTorchError) in
            try Tensor { ct_from_file("/proc/\(file[1])/fd/\(file[0])", Int64(count), type.rawValue, &$0) }
        }
        // After this exchange, all members have mapped the file and the descriptor may be closed.
        let seen = try group.allGather([members == nil ? 0 : 1])
        guard let members, seen.allSatisfy({ $0 == [1] }) else { return nil }
        return SharedMemoryTensors(members: members, rank: group.rank)
    }

    /// Sums this member's share of the elements over all members and stores the sums in the tensors of all members.
    ///
    /// Meanwhile, the other members may access only their own shares. Terms are added in rank order.
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

    /// Four numbers that are equal for processes that may share memory: the boot ID of the machine (two numbers), the
    /// PID namespace and the network namespace. Processes in different network namespaces are meant to be isolated. nil
    /// if the system does not report them.
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
