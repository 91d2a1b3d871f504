/// The sequence of collectives and point-to-point operations that a rank starts per step. The sequence is fixed before
/// the step starts and does not depend on the time at which data arrives.
///
/// All members of a group must start its collectives in the same order, and the two ends of a link must agree on the
/// order of transfers. Two exchanges swapped on one rank would mix up data without an error.
package struct CommunicationOrder {
    /// The names of the collectives of each group, in order. The key is the ranks of the group.
    private(set) var collectives: [[Int]: [String]] = [:]
    /// The tags of the values sent in each direction, in sending order.
    private(set) var sent: [RankProgram.Direction: [Int]] = [:]
    /// The tags of the values received from each direction, in the order in which their receives are posted.
    private(set) var received: [RankProgram.Direction: [Int]] = [:]

    /// Creates an order without operations.
    package init() {}

    /// Appends collectives of the group of `ranks`.
    package mutating func append(_ names: String..., ranks: [Int]) { append(names, ranks: ranks) }

    /// Appends collectives of the group of `ranks`.
    package mutating func append(_ names: [String], ranks: [Int]) { collectives[ranks, default: []] += names }

    /// Appends the transfers of one step of `program`.
    package mutating func append(_ program: RankProgram) {
        for instruction in program.steps.joined() {
            guard case .remote(let transfer) = instruction.target else { continue }
            sent[transfer.direction, default: []].append(transfer.tag)
        }
        for (transfer, _) in program.receives { received[transfer.direction, default: []].append(transfer.tag) }
    }
}
