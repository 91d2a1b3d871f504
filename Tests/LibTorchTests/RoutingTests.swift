import LibTorch
import TestSupport
import Testing

@Suite("Orders of rows") struct RoutingTests {
    @Test("Rows are sorted by group, in their order within a group", arguments: [(0, 3), (1, 1), (9, 4), (64, 8)])
    func grouped(rows: Int, count: Int) throws {
        var generator = SeededGenerator(UInt64(rows))
        let groups = (0..<rows).map { _ in Int.random(in: 0..<count, using: &generator) }
        let (order, places, counts) = try Tensor(groups, shape: [rows]).grouped(into: count)
        let expected = (0..<count).flatMap { group in groups.indices.filter { groups[$0] == group } }
        #expect(try order.integers() == expected)
        #expect(try places.integers() == groups.indices.map { expected.firstIndex(of: $0) ?? -1 })
        #expect(try counts.integers() == (0..<count).map { group in groups.count { $0 == group } })
    }

    @Test(
        "Blocks of rows are transposed, and empty blocks take no place",
        arguments: [
            [[3]], [[1, 2, 0], [0, 3, 2]], [[0, 0], [0, 0]], [[2, 0], [1, 4], [0, 3]], [[0, 0, 5], [0, 0, 0]],
        ])
    func regrouped(sizes: [[Int]]) throws {
        let rows = sizes.joined().reduce(0, +)
        let counts = try Tensor(sizes.flatMap { $0 }, shape: [sizes.count, sizes[0].count])
        let (order, places) = try counts.regrouped(rows: rows)
        var blocks: [[[Int]]] = []
        var row = 0
        for block in sizes {
            blocks.append(
                block.map { size in
                    defer { row += size }
                    return Array(row..<row + size)
                })
        }
        let expected = sizes[0].indices.flatMap { column in blocks.flatMap { $0[column] } }
        #expect(try order.integers() == expected)
        #expect(try places.integers() == (0..<rows).map { expected.firstIndex(of: $0) ?? -1 })
    }

    @Test(
        "Blocks of rows follow each other in a new order",
        arguments: [
            [(0, 3)], [(2, 2), (0, 2)], [(3, 0), (1, 2), (0, 0), (0, 1), (3, 2)], [(5, 1), (0, 0), (2, 3), (0, 2)], [],
        ])
    func reordered(blocks: [(start: Int, count: Int)]) throws {
        let expected = blocks.flatMap { Array($0.start..<$0.start + $0.count) }
        let (order, places) = try Tensor.reordered(blocks, rows: expected.count)
        #expect(try order.integers() == expected)
        #expect(try places.integers() == expected.indices.map { expected.firstIndex(of: $0) ?? -1 })
    }

    @Test("Blocks that do not have all rows are refused") func wrongBlocks() {
        #expect(throws: LibTorchError.self) { try Tensor.reordered([(0, 2)], rows: 3) }
    }

    @Test("The blocks of some columns of a table are transposed alike") func columns() throws {
        let counts = try Tensor([9, 1, 2, 9, 0, 3], shape: [2, 3]).narrowed(1, 1..<3)
        let (order, places) = try counts.regrouped(rows: 6)
        #expect(try order.integers() == [0, 1, 2, 3, 4, 5])
        #expect(try places.integers() == [0, 1, 2, 3, 4, 5])
        let (swapped, _) = try Tensor([9, 1, 2, 9, 3, 1], shape: [2, 3]).narrowed(1, 1..<3).regrouped(rows: 7)
        #expect(try swapped.integers() == [0, 3, 4, 5, 1, 2, 6])
    }
}
