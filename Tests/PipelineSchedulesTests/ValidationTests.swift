import PipelineSchedules
import Testing

@Suite struct ValidationTests {
    private func fault(_ rows: String, chains: Int = 1) throws -> ScheduleError? {
        let schedule = try Schedule(rows: rows, chainCount: chains)
        return #expect(throws: ScheduleError.self, "\(rows)") { try schedule.validate() }
    }

    @Test(arguments: try Fixtures.names(prefix: ""))
    func everyRecordedScheduleIsValid(name: String) throws {
        let chains = name.hasPrefix("deepseek_dualpipe_") ? 2 : 1
        #expect(throws: Never.self) { try Fixtures.schedule(name, chainCount: chains).validate() }
    }

    @Test func eachFaultIsNamed() throws {
        let forward = Action(.forward, stage: 0, microbatch: 0)
        let backward = forward.with(.backward)
        let weights = forward.with(.weightGradient)
        #expect(try fault("0F0,0F0,0B0\n")?.reason == .duplicate(forward))
        #expect(try fault("0F0,0B0,0B0\n")?.reason == .duplicate(backward))
        #expect(try fault("0B0,0F0\n")?.reason == .backwardBeforeForward(backward))
        #expect(try fault("0F0,0W0,0I0\n")?.reason == .weightBeforeInput(weights))
        #expect(try fault("0F0,0B0,0W0\n")?.reason == .fullAndSplitBackward(weights))
        #expect(try fault("0F0,0I0,0B0\n")?.reason == .fullAndSplitBackward(backward))
        #expect(try fault("0F0\n")?.reason == .missing(backward))
        #expect(try fault("0F0,0I0\n")?.reason == .missing(weights))
        #expect(try fault("0F0,0B0,0B1\n")?.reason == .missing(Action(.forward, stage: 0, microbatch: 1)))
        #expect(try fault("0F0,0B0,0F4294967295\n")?.reason == .missing(Action(.forward, stage: 0, microbatch: 1)))
        #expect(try fault("(0F0;0B0)OVERLAP_F_B\n")?.reason == .dependentPair(forward, backward))
        #expect(
            try fault("0F0,0F1,(0B0;0B1)OVERLAP_F_B\n")?.reason
                == .notForwardWithBackward(backward, Action(.backward, stage: 0, microbatch: 1)))
        #expect(try fault("0F0,0I0,(0F1;0W0)OVERLAP_F_B,0B1\n")?.position == 2)
        let place = try fault("0F0,0B0,0F1,0F1,0B1\n")
        #expect(place?.rank == 0 && place?.position == 3)
        #expect(place?.description == "rank 0, column 3: 0F1 runs a second time: remove it")
    }

    @Test func aWrongRankIsNamed() throws {
        var schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 2)
        schedule.rows.swapAt(0, 1)
        let fault = #expect(throws: ScheduleError.self) { try schedule.validate() }
        #expect(fault?.reason == .wrongRank(Action(.forward, stage: 1, microbatch: 0), expected: 1))
    }

    @Test func aCircularWaitIsNamedFromEndToEnd() throws {
        let fault = try fault("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n")
        guard case .circularWait(let waits) = fault?.reason else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(waits.map(\.rank) == [0, 1])
        #expect(waits[0].awaited == Action(.backward, stage: 1, microbatch: 0))
        #expect(waits[1].awaited == Action(.forward, stage: 0, microbatch: 1))
    }

    @Test func transferFaultsAreNamed() throws {
        func fault(_ edit: (inout [[Step]]) -> Void) throws -> ScheduleError.Reason? {
            var schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 2).addingTransfers()
            edit(&schedule.rows)
            return #expect(throws: ScheduleError.self) { try schedule.validate() }?.reason
        }
        let send0 = Action(.sendForward, stage: 0, microbatch: 0)
        let receive0 = Action(.receiveForward, stage: 1, microbatch: 0)
        let receive1 = Action(.receiveForward, stage: 1, microbatch: 1)
        #expect(try fault { $0[0].removeAll { $0 == Step(send0) } } == .missing(send0))
        #expect(try fault { $0[0].insert(Step(send0), at: 0) } == .transferOutOfPlace(send0))
        #expect(
            try fault { $0[1].append(Step(Action(.sendForward, stage: 1, microbatch: 0))) }
                == .needlessTransfer(Action(.sendForward, stage: 1, microbatch: 0)))
        let swapped = try fault { rows in
            // Both receives stand before the first forward, so that their order alone is wrong.
            rows[1].removeAll { $0 == Step(receive0) || $0 == Step(receive1) }
            rows[1].insert(contentsOf: [Step(receive1), Step(receive0)], at: 0)
        }
        #expect(swapped == .transferOrder(sent: send0, received: receive1, sender: 0, receiver: 1))
    }

    /// Two steps of a rank change places, one of which needs the other on the same rank or by way of others.
    @Test(arguments: BuiltInSchedule.allCases)
    func everySwapAcrossADependencyIsNoticed(schedule: BuiltInSchedule) throws {
        let original = try schedule.build(ranks: 3, microbatches: 4)
        for rank in original.rows.indices {
            let row = original.rows[rank]
            for (earlier, later) in row.indices.flatMap({ one in (one + 1..<row.count).map { (one, $0) } })
            where original.needs(row[later], row[earlier]) {
                var swapped = original
                swapped.rows[rank].swapAt(earlier, later)
                let fault = #expect(throws: ScheduleError.self, "\(row[earlier]) \(row[later])") {
                    try swapped.validate()
                }
                if case .circularWait(let waits) = fault?.reason {
                    #expect(waits.contains { $0.rank == rank })
                } else {
                    #expect(fault?.rank == rank)
                }
            }
        }
    }

    /// Removing, repeating or moving any action to a wrong place is always noticed.
    @Test(arguments: BuiltInSchedule.allCases)
    func everySingleMutationIsNoticed(schedule: BuiltInSchedule) throws {
        let original = try schedule.build(ranks: 3, microbatches: 4)
        for rank in original.rows.indices {
            for position in original.rows[rank].indices {
                var dropped = original
                dropped.rows[rank].remove(at: position)
                #expect(throws: ScheduleError.self) { try dropped.validate() }

                var doubled = original
                doubled.rows[rank].append(original.rows[rank][position])
                #expect(throws: ScheduleError.self) { try doubled.validate() }

                var moved = original
                moved.rows[(rank + 1) % 3].append(moved.rows[rank].remove(at: position))
                #expect(throws: ScheduleError.self) { try moved.validate() }
            }
        }
    }

    @Test func evaluationRunsForwardsAlone() throws {
        let forwards = try Schedule(rows: "0F0,0F1\n1F0,1F1\n")
        #expect(try forwards.validate(for: .evaluation).peakActivations == [1, 1])
        let training = try Schedule(rows: "0F0,0B0\n")
        #expect(throws: ScheduleError.self) { try training.validate(for: .evaluation) }
    }

    @Test func malformedChainsAreNamed() throws {
        var schedule = try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 1)
        schedule.chains[0].ranks = [0, 7]
        #expect(throws: ScheduleError.self) { try schedule.validate() }
        schedule.chains = []
        #expect(throws: ScheduleError.self) { try schedule.validate() }
        schedule.chains = [Chain(stages: 1..<3, ranks: [0, 1], microbatchCount: 1)]
        #expect(throws: ScheduleError.self) { try schedule.validate() }
        schedule.chains = [Chain(stages: 0..<2, ranks: [0, 1], microbatchCount: 0)]
        #expect(throws: ScheduleError.self) { try schedule.validate() }
    }
}

extension Schedule {
    /// Whether a step has an action that needs one of another step's: a later stage's forward an earlier one's, a backward
    /// every forward, an earlier stage's backward a later one's, a weight gradient what its own input gradient needs.
    fileprivate func needs(_ step: Step, _ other: Step) -> Bool {
        func actions(_ step: Step) -> [Action] { [step.first, step.second].compactMap { $0 } }
        return actions(step).contains { action in
            actions(other).contains { other in
                guard action.microbatch == other.microbatch,
                    chainIndex(ofStage: action.stage) == chainIndex(ofStage: other.stage)
                else { return false }
                switch (action.kind, other.kind) {
                case (.forward, .forward): return other.stage < action.stage
                case (.forward, _), (_, .weightGradient): return false
                case (_, .forward): return true
                case (.weightGradient, _): return other.stage >= action.stage
                case (_, _): return other.stage > action.stage
                }
            }
        }
    }
}
