/// A schedule's rows one behind the other, for loops that visit every action.
package struct FlatRows: Sendable {
    /// All steps, rank by rank.
    package let steps: [Step]
    /// Where each rank's steps begin, and at last where the last one's end.
    package let offsets: [Int]

    package init(_ rows: [[Step]]) {
        var offsets = [0]
        offsets.reserveCapacity(rows.count + 1)
        var count = 0
        for row in rows {
            count += row.count
            offsets.append(count)
        }
        self.offsets = offsets
        steps = Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
            var place = 0
            for row in rows {
                _ = buffer[place...].initialize(fromContentsOf: row)
                place += row.count
            }
            initializedCount = place
        }
    }
}
