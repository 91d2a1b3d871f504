/// What a rank says to others in a step, in order: fixed before the step, whatever arrives when.
///
/// Members of a group have to start its collectives in one order, and what one end of a link sends the other has to
/// receive; two exchanges swapped on one rank would mix up data without an error.
struct CommunicationOrder {
    /// The collectives of each group, by its ranks.
    private(set) var collectives: [[Int]: [String]] = [:]
    /// The tags that go to each rank of the pipeline.
    private(set) var sent: [Int: [Int]] = [:]
    /// The tags that come from each.
    private(set) var received: [Int: [Int]] = [:]

    /// Adds collectives of the group of `ranks`.
    mutating func append(_ names: String..., ranks: [Int]) { append(names, ranks: ranks) }

    /// Adds collectives of the group of `ranks`.
    mutating func append(_ names: [String], ranks: [Int]) {
        collectives[ranks, default: []] += names
    }

    /// Adds what a step of `program` sends and receives.
    mutating func append(_ program: RankProgram) {
        for instruction in program.steps.joined() {
            if case .remote(let transfer) = instruction.source {
                received[transfer.peer, default: []].append(transfer.tag)
            }
            if case .remote(let transfer) = instruction.target {
                sent[transfer.peer, default: []].append(transfer.tag)
            }
        }
    }
}
