import CProcessDescriptors
import Foundation

/// The pages of all ranks of one machine, in a file in memory that the launcher creates and every rank maps.
package final class HeartbeatFile: Sendable {
    /// The environment variable with the path under which a rank opens the file.
    package static let variable = "CONTRAFLOW_HEARTBEATS"

    /// The pages in the order of ranks.
    package let pages: [BeatPage]
    private let descriptor: Int32

    /// The path under which other processes of the same user open the file.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Creates the pages of `worldSize` ranks.
    package static func create(worldSize: Int) throws(HeartbeatError) -> HeartbeatFile {
        let bytes = worldSize * BeatPage.size(worldSize: worldSize)
        let descriptor = cpd_create_memory_file("contraflow heartbeats", off_t(bytes))
        guard descriptor >= 0 else { throw error("create", errno) }
        return try HeartbeatFile(descriptor: descriptor, worldSize: worldSize)
    }

    /// Opens the pages that the launcher has created.
    package static func open(_ path: String, worldSize: Int) throws(HeartbeatError) -> HeartbeatFile {
        let descriptor = Foundation.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("open", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) == worldSize * BeatPage.size(worldSize: worldSize)
        else {
            close(descriptor)
            throw HeartbeatError("\(variable) is '\(path)', which is not the file of \(worldSize) ranks' heartbeats")
        }
        return try HeartbeatFile(descriptor: descriptor, worldSize: worldSize)
    }

    private init(descriptor: Int32, worldSize: Int) throws(HeartbeatError) {
        let size = BeatPage.size(worldSize: worldSize)
        guard
            let memory = mmap(nil, worldSize * size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else {
            let reason = errno
            close(descriptor)
            throw Self.error("map", reason)
        }
        let mapping = Mapping(memory: memory, size: worldSize * size)
        pages = (0..<worldSize).map { BeatPage(memory: memory + $0 * size, worldSize: worldSize, owner: mapping) }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func error(_ action: String, _ reason: Int32) -> HeartbeatError {
        HeartbeatError("cannot \(action) the memory of the ranks' heartbeats: \(String(cString: strerror(reason)))")
    }

    /// Mapped memory, which is unmapped when its last page is gone.
    private final class Mapping {
        private let memory: UnsafeMutableRawPointer
        private let size: Int

        init(memory: UnsafeMutableRawPointer, size: Int) {
            self.memory = memory
            self.size = size
        }

        deinit { munmap(memory, size) }
    }
}
