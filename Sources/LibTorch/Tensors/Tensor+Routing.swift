import CLibTorch

/// Orders of rows, which are computed on the device of their operands.
extension Tensor {
    /// The order that sorts rows by their groups. This int64 tensor has the group of each row: 0 ..< `count`.
    ///
    /// - Returns: The row at each position of the sorted rows, which keep their order within a group; the position of
    ///   each row; and the number of rows per group, int64 [`count`].
    public func grouped(
        into count: Int
    ) throws(LibTorchError) -> (order: Tensor, places: Tensor, counts: Tensor) {
        var order: OpaquePointer?
        var places: OpaquePointer?
        let counts = try made { ct_group_rows(handle, Int64(count), &order, &places, &$0) }
        return (
            Tensor(handle: order.unsafelyUnwrapped), Tensor(handle: places.unsafelyUnwrapped), Tensor(handle: counts)
        )
    }

    /// The order that turns blocks of rows, whose sizes are this int64 tensor [R, L], from R-major to L-major order.
    ///
    /// - Parameter rows: The sum of the sizes.
    /// - Returns: The old row at each new position, and the new position of each old row.
    public func regrouped(rows: Int) throws(LibTorchError) -> (order: Tensor, places: Tensor) {
        var order: OpaquePointer?
        let places = try made { ct_regroup_rows(handle, Int64(rows), &order, &$0) }
        return (Tensor(handle: order.unsafelyUnwrapped), Tensor(handle: places))
    }

    /// The order in which blocks of rows follow each other.
    ///
    /// - Parameters:
    ///   - blocks: The first old row and the number of rows of each block. Each row is in one block.
    ///   - rows: The sum of the blocks' rows.
    /// - Returns: The old row at each new position, and the new position of each old row, int64 [rows].
    public static func reordered(
        _ blocks: [(start: Int, count: Int)], rows: Int
    ) throws(LibTorchError) -> (order: Tensor, places: Tensor) {
        var order: OpaquePointer?
        let places = try made {
            ct_reorder_rows(
                blocks.map { Int64($0.start) }, blocks.map { Int64($0.count) }, Int64(blocks.count), Int64(rows),
                &order,
                &$0)
        }
        return (Tensor(handle: order.unsafelyUnwrapped), Tensor(handle: places))
    }
}
