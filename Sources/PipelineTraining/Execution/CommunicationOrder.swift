import PipelineSchedules

/// What a rank says to others in a step, in order: fixed before the step, whatever arrives when.
///
/// Members of a group have to start its collectives in one order, and what one end of a link sends the other has to
/// receive; two exchanges swapped on one rank would mix up data without an error.
struct CommunicationOrder {
    /// The collectives of each group, by its ranks.
    private(set) var collectives: [[Int]: [String]] = [:]
    /// One way between this rank of the pipeline and another.
    struct Way: Hashable {
        let peer: Int
        let carriesGradients: Bool
    }

    /// The tags that go each way, in the order in which they are sent.
    private(set) var sent: [Way: [Int]] = [:]
    /// The tags that come each way, in the order in which their receives are posted.
    private(set) var received: [Way: [Int]] = [:]

    /// Adds a collective of the group of `ranks`.
    mutating func append(_ name: String, ranks: [Int]) {
        collectives[ranks, default: []].append(name)
    }

    /// Adds what a step of `program` says, with its exchanges in the group of `experts`.
    mutating func append(_ program: RankProgram, kernels: [Int: any StageKernels], experts: [Int]) {
        for instructions in program.steps {
            for exchange in Self.exchanges(of: instructions, kernels) { append(exchange, ranks: experts) }
            for instruction in instructions {
                if case .remote(let transfer) = instruction.target {
                    sent[Way(transfer), default: []].append(transfer.tag)
                }
            }
        }
        for (transfer, _) in program.receives { received[Way(transfer), default: []].append(transfer.tag) }
    }

    /// The exchanges of a step's actions in the order in which the executor starts them.
    private static func exchanges(
        of instructions: [RankProgram.Instruction], _ kernels: [Int: any StageKernels]
    ) -> [String] {
        let parts = instructions.map { instruction in
            let action = instruction.action
            return (kernels[action.stage]?.parts(of: action.kind) ?? []).map { part in
                part.exchange.map { "\($0) of \(action)" }
            }
        }
        guard parts.count == 2 else { return parts.joined().compactMap { $0 } }
        var positions = (0, 0)
        return Weave.alternating(parts[0].count, parts[1].count).turns.compactMap { turn in
            switch turn {
            case .first:
                defer { positions.0 += 1 }
                return parts[0][positions.0]
            case .second:
                defer { positions.1 += 1 }
                return parts[1][positions.1]
            }
        }
    }
}

extension CommunicationOrder.Way {
    fileprivate init(_ transfer: RankProgram.Transfer) {
        self.init(peer: transfer.peer, carriesGradients: transfer.isGradient)
    }
}
