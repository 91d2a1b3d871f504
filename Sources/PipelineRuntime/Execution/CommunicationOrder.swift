/// What a rank says to others in a step, in order: fixed before the step, whatever arrives when.
///
/// Members of a group have to start its collectives in one order, and what one end of a link sends the other has to
/// receive; two exchanges swapped on one rank would mix up data without an error.
package struct CommunicationOrder {
    /// The collectives of each group, by its ranks.
    private(set) var collectives: [[Int]: [String]] = [:]
    /// The tags that go each way, in the order in which they are sent.
    private(set) var sent: [RankProgram.Direction: [Int]] = [:]
    /// The tags that come each way, in the order in which their receives are posted.
    private(set) var received: [RankProgram.Direction: [Int]] = [:]

    /// An order of nothing.
    package init() {}

    /// Adds collectives of the group of `ranks`.
    package mutating func append(_ names: String..., ranks: [Int]) { append(names, ranks: ranks) }

    /// Adds collectives of the group of `ranks`.
    package mutating func append(_ names: [String], ranks: [Int]) { collectives[ranks, default: []] += names }

    /// Adds what a step of `program` sends and receives.
    package mutating func append(_ program: RankProgram) {
        for instruction in program.steps.joined() {
            guard case .remote(let transfer) = instruction.target else { continue }
            sent[transfer.direction, default: []].append(transfer.tag)
        }
        for (transfer, _) in program.receives { received[transfer.direction, default: []].append(transfer.tag) }
    }
}
