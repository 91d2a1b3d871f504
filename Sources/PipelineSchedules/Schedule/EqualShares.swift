/// A row of things cut into consecutive shares as equal as can be, the larger ones first.
///
/// The one rule by which layers become stages and micro-batches become groups.
package struct EqualShares: RandomAccessCollection, Hashable, Sendable {
    /// How many things there are.
    package let total: Int
    /// How many shares they are cut into.
    package let count: Int

    /// - Precondition: `count` is at least 1 and `total` at least 0.
    package init(of total: Int, into count: Int) {
        precondition(count > 0 && total >= 0, "\(total) things cannot be cut into \(count) shares")
        self.total = total
        self.count = count
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    /// The things of one share.
    package subscript(index: Int) -> Range<Int> {
        let (size, larger) = total.quotientAndRemainder(dividingBy: count)
        let start = index * size + Swift.min(index, larger)
        return start..<start + size + (index < larger ? 1 : 0)
    }
}
