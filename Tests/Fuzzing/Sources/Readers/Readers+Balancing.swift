import ExpertBalancing
import StreamCompression

extension Options {
    /// The readers of loads and maps.
    func balancingReaders() throws -> [Reader] {
        [
            try Reader("loads", in: self) { try Self.readLoads($0) },
            try Reader("packed-loads", in: self) { try Self.readLoads(CompressedFile.contents($0, limit: 1 << 24)) },
            try Reader("placement", in: self) { bytes in
                let file = try PlacementFile(contents: bytes)
                let loads = try ExpertLoads(Array(repeating: 1, count: 12), expertCount: 6)
                let offsets = [0, file.slotCount / 2, file.slotCount]
                let (placement, _) = try file.placement(for: loads, deviceOffsets: offsets)
                require(
                    placement.layerCount == 2 && placement.expertCount == 6, "a placement has the shape of its loads")
            },
        ]
    }

    private static func readLoads(_ bytes: [UInt8]) throws {
        let file = try LoadFile(contents: bytes)
        let total = try file.stream.total()
        require(total.values.allSatisfy { $0 >= 0 && $0 <= ExpertLoads.limit }, "a load is a load")
        require(total.values.count == total.layerCount * total.expertCount, "a table has whole layers")
        let steps = (file.history ?? LoadHistory(file.stream)).steps
        require(steps.map(\.loads) == file.stream.windows, "a stream has the sums of its steps")
    }
}
