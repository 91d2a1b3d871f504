/// A range of `total` elements, divided into consecutive shares whose sizes differ by at most one, the larger shares
/// first.
///
/// All divisions of layers into stages and of micro-batches into groups follow this rule.
package struct EqualShares: RandomAccessCollection, Hashable, Sendable {
    /// The number of elements.
    package let total: Int
    /// The number of shares.
    package let count: Int

    /// Divides `total` elements into `count` shares.
    ///
    /// - Precondition: `count` is at least 1 and `total` at least 0.
    package init(of total: Int, into count: Int) {
        precondition(total >= 0, "a total of \(total) has no shares: give at least 0")
        precondition(count > 0, "a count of \(count) makes no shares: give at least 1")
        self.total = total
        self.count = count
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    /// The elements of one share.
    package subscript(index: Int) -> Range<Int> {
        let (size, larger) = total.quotientAndRemainder(dividingBy: count)
        let start = index * size + Swift.min(index, larger)
        return start..<start + size + (index < larger ? 1 : 0)
    }
}
