import PipelineSchedules
import TestSupport
import Testing

@Suite("Sends that wait for their receives") struct RendezvousTests {
    @Test(
        "The orders that PyTorch lowers have no circular wait",
        arguments: try Fixtures.names(prefix: "torch_", suffix: ".comms.csv") + ["zb1p_2rank_2stagep_comms.csv"])
    func pyTorchsOrdersRun(name: String) throws {
        #expect(try Fixtures.schedule(name).rendezvousDeadlock() == nil)
    }

    @Test("The orders that Contraflow lowers have no circular wait", arguments: BuiltInSchedule.allCases)
    func ownOrdersRun(schedule: BuiltInSchedule) throws {
        for ranks in 1...6 {
            for microbatches in [2, 5, 12] {
                let built = try schedule.build(ranks: ranks, microbatches: microbatches)
                #expect(built.rendezvousDeadlock() == nil)
                #expect(built.addingTransfers().rendezvousDeadlock() == nil)
            }
        }
    }

    @Test("DeepSeek's orders have no circular wait", arguments: try Fixtures.names(prefix: "deepseek_"))
    func deepSeeksOrdersRun(name: String) throws {
        let chains = name.hasPrefix("deepseek_dualpipe_") ? 2 : 1
        #expect(try Fixtures.schedule(name, chainCount: chains).rendezvousDeadlock() == nil)
    }

    @Test("Two ranks that send to each other first wait for ever, although the schedule is valid with buffered sends")
    func crossedSendsAreFound() throws {
        // Rank 0 sends its second forward while rank 1 sends its first backward.
        let schedule = try Schedule(
            rows: """
                0F0,0SEND_F0,0F1,0F2,0SEND_F1,0SEND_F2,0RECV_B0,0B0,0RECV_B1,0B1,0RECV_B2,0B2
                1RECV_F0,1F0,1RECV_F1,1B0,1SEND_B0,1RECV_F2,1F1,1B1,1SEND_B1,1F2,1B2,1SEND_B2

                """)
        #expect(throws: Never.self) { try schedule.validate() }
        let error = try #require(schedule.rendezvousDeadlock())
        #expect(
            error.description
                == "circular wait: rank 0 at column 5 (0SEND_F2) waits for 1RECV_F2 on rank 1; rank 1 at column 4 "
                + "(1SEND_B0) waits for 0RECV_B0 on rank 0")
        // The same compute is fine with the transfers in the order of the lowering.
        #expect(schedule.removingTransfers().rendezvousDeadlock() == nil)
    }

    @Test("A circle is found without the ranks that wait behind it")
    func ranksBehindACircleAreLeftOut() throws {
        // Stages 0 to 3 are on ranks 0, 1, 2 and 0.
        let schedule = try Schedule(
            rows: """
                0F0,0SEND_F0,0F1,3RECV_F0,3F0,0SEND_F1,3RECV_F1,3F1,3B0,3SEND_B0,3B1,3SEND_B1,0RECV_B0,0B0,0RECV_B1,0B1
                1RECV_F0,1F0,1SEND_F0,1RECV_F1,1F1,1SEND_F1,1RECV_B0,1B0,1SEND_B0,1RECV_B1,1B1,1SEND_B1
                2RECV_F0,2F0,2SEND_F0,2RECV_F1,2F1,2SEND_F1,2RECV_B0,2B0,2SEND_B0,2RECV_B1,2B1,2SEND_B1

                """)
        try schedule.validate()
        #expect(schedule.rendezvousDeadlock() == nil)
        var crossed = schedule
        // Rank 0 sends a gradient to rank 2 before it receives what rank 2 sends first. Rank 1 waits behind them.
        crossed.rows[0] = try Schedule(
            rows: """
                0F0,0SEND_F0,0F1,0SEND_F1,3RECV_F0,3F0,3B0,3SEND_B0,3RECV_F1,3F1,3B1,3SEND_B1,0RECV_B0,0B0,0RECV_B1,0B1
                1F0
                2F0

                """
        ).rows[0]
        try crossed.validate()
        let error = try #require(crossed.rendezvousDeadlock())
        guard case .circularWait(let waits) = error.reason else { return }
        #expect(Set(waits.map(\.rank)) == [0, 2])
        #expect(zip(waits, waits.dropFirst() + waits.prefix(1)).allSatisfy { $0.awaitedRank == $1.rank })
    }

    @Test("Random orders agree with a search over all states", arguments: 0..<200 as Range<UInt64>)
    func randomOrdersAgreeWithSearch(seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 3, microbatches: 3).addingTransfers()
        // Neighbours change places while the schedule stays valid.
        for _ in 0..<60 {
            var changed = schedule
            let rank = Int.random(in: 0..<3, using: &random)
            let position = Int.random(in: 1..<schedule.rows[rank].count, using: &random)
            changed.rows[rank].swapAt(position - 1, position)
            if (try? changed.validate()) != nil { schedule = changed }
        }
        #expect((schedule.rendezvousDeadlock() == nil) == canFinish(schedule))
    }

    /// Whether some interleaving finishes all rows: a compute step alone, or a send together with its receive.
    private func canFinish(_ schedule: Schedule) -> Bool {
        var seen: Set<[Int]> = []
        var states = [[Int](repeating: 0, count: schedule.rankCount)]
        while let state = states.popLast() {
            guard seen.insert(state).inserted else { continue }
            let heads = schedule.rows.indices.map { rank in
                state[rank] < schedule.rows[rank].count ? schedule.rows[rank][state[rank]].first : nil
            }
            if heads.allSatisfy({ $0 == nil }) { return true }
            for (rank, head) in heads.enumerated() {
                guard let head else { continue }
                var next = state
                next[rank] += 1
                if head.kind.isTransfer {
                    guard head.kind.isSend,
                        let peer = heads.firstIndex(where: { $0.map { matches(head, $0) } ?? false })
                    else { continue }
                    next[peer] += 1
                }
                states.append(next)
            }
        }
        return false
    }

    private func matches(_ send: Action, _ receive: Action) -> Bool {
        let isForward = send.kind == .sendForward
        return receive
            == Action(
                isForward ? .receiveForward : .receiveBackward, stage: send.stage + (isForward ? 1 : -1),
                microbatch: send.microbatch)
    }
}
