import PipelineSchedules
import TestSupport
import Testing

@Suite("Invariants of schedules") struct InvariantTests {
    @Test(
        "Schedules of random sizes keep the invariants, with transfers and as CSV as well",
        arguments: 0..<20 as Range<UInt64>)
    func randomSchedules(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        for schedule in BuiltInSchedule.allCases {
            let built = try schedule.build(
                ranks: Int.random(in: 1...9, using: &generator),
                microbatches: Int.random(in: 2...30, using: &generator),
                chunks: 2 * Int.random(in: 1...2, using: &generator))
            let lowered = built.addingTransfers()
            let read = try Schedule(csv: [UInt8](lowered.csv().utf8), chainCount: built.chains.count)
            for schedule in [built, lowered, read, lowered.removingTransfers()] {
                #expect(schedule.brokenInvariant() == nil)
                schedule._checkInvariants()
            }
        }
    }

    @Test("A schedule that breaks an invariant is named with its fault")
    func brokenSchedules() throws {
        let original = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 3)
        #expect(original.brokenInvariant() == nil)
        func broken(_ edit: (inout Schedule) -> Void) -> String? {
            var schedule = original
            edit(&schedule)
            return schedule.brokenInvariant()
        }
        #expect(broken { $0.chains = [] } == "the schedule has no stages: give at least one chain")
        #expect(
            broken { $0.chains[0].ranks = [0] }
                == "chain 0 has stages 0..<2 and ranks [0]: give one rank per stage")
        #expect(broken { $0.chains[0].ranks[1] = 2 } == "stage 1 is on rank 2, but the number of ranks is 2")
        #expect(
            broken { $0.chains[0].microbatchCount = 0 } == "chain 0 has no micro-batches: give it at least 1")
        #expect(
            broken { $0.chains[0].microbatchCount = 2 }
                == "rank 0, column 3: 0F2 has a micro-batch that its chain does not have")
        #expect(
            broken { $0.rows[1][0] = Step(Action(.forward, stage: 2)) }
                == "rank 1, column 0: 2F0 has a stage that no chain has")
        #expect(
            broken { $0.rows.swapAt(0, 1) } == "rank 0, column 0: 1F0 is not on rank 1, which holds its stage")
    }

    @Test("A broken invariant stops the process with a message that names it")
    func aBrokenInvariantStopsTheProcess() async throws {
        let result = try #require(
            await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Schedule(name: "empty", chains: [], rows: [])._checkInvariants()
            })
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("schedule 'empty': the schedule has no stages"))
    }
}
