import PipelineSchedules
import Testing

@Suite("Schedule validation") struct ValidationTests {
    private func fault(_ rows: String, chains: Int = 1) throws -> ScheduleError? {
        let schedule = try Schedule(rows: rows, chainCount: chains)
        return #expect(throws: ScheduleError.self, "\(rows)") { try schedule.validate() }
    }

    @Test("Every recorded schedule is valid", arguments: try Fixtures.names(prefix: ""))
    func everyRecordedScheduleIsValid(name: String) throws {
        let chains = name.hasPrefix("deepseek_dualpipe_") ? 2 : 1
        #expect(throws: Never.self) { try Fixtures.schedule(name, chainCount: chains).validate() }
    }

    @Test("Each kind of error is reported with its action and position")
    func eachErrorIsReported() throws {
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

    @Test("An action on the wrong rank is reported with the right rank")
    func aWrongRankIsReported() throws {
        var schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 2)
        schedule.rows.swapAt(0, 1)
        let fault = #expect(throws: ScheduleError.self) { try schedule.validate() }
        #expect(fault?.reason == .wrongRank(Action(.forward, stage: 1, microbatch: 0), expected: 1))
    }

    @Test("A circular wait is reported with every rank in the circle")
    func aCircularWaitIsReported() throws {
        let fault = try fault("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n")
        guard case .circularWait(let waits) = fault?.reason else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(waits.map(\.rank) == [0, 1])
        #expect(waits[0].awaited == Action(.backward, stage: 1, microbatch: 0))
        #expect(waits[1].awaited == Action(.forward, stage: 0, microbatch: 1))
    }

    @Test("Missing, misplaced, needless and swapped transfers are reported")
    func transferErrorsAreReported() throws {
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
            // Both receives precede the first forward, so only their order is wrong.
            rows[1].removeAll { $0 == Step(receive0) || $0 == Step(receive1) }
            rows[1].insert(contentsOf: [Step(receive1), Step(receive0)], at: 0)
        }
        #expect(swapped == .transferOrder(sent: send0, received: receive1, sender: 0, receiver: 1))
    }

    @Test(
        "Swapping two steps of a rank is an error if the later step depends on the earlier, directly or through other ranks",
        arguments: BuiltInSchedule.allCases)
    func everySwapAcrossADependencyIsAnError(schedule: BuiltInSchedule) throws {
        let original = try schedule.build(ranks: 3, microbatches: 4)
        var swapCount = 0
        for rank in original.rows.indices {
            let row = original.rows[rank]
            for (earlier, later) in row.indices.flatMap({ one in (one + 1..<row.count).map { (one, $0) } })
            where original.needs(row[later], row[earlier]) {
                swapCount += 1
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
        #expect(swapCount > 0)
    }

    @Test("Removing, repeating or moving any step to another rank is an error", arguments: BuiltInSchedule.allCases)
    func everySingleMutationIsAnError(schedule: BuiltInSchedule) throws {
        let original = try schedule.build(ranks: 3, microbatches: 4)
        try #require(original.rows.allSatisfy { !$0.isEmpty })
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

    @Test("An evaluation has forwards only")
    func anEvaluationHasForwardsOnly() throws {
        let forwards = try Schedule(rows: "0F0,0F1\n1F0,1F1\n")
        #expect(try forwards.validate(for: .evaluation).peakActivations == [1, 1])
        let training = try Schedule(rows: "0F0,0B0\n")
        #expect(throws: ScheduleError.self) { try training.validate(for: .evaluation) }
    }

    @Test("Malformed chains are reported in one line")
    func malformedChainsAreReported() throws {
        let original = try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 1)
        func message(_ chains: [Chain]) -> String? {
            var schedule = original
            schedule.chains = chains
            return #expect(throws: ScheduleError.self) { try schedule.validate() }?.description
        }
        var chain = original.chains[0]
        chain.ranks = [0, 7]
        #expect(message([chain]) == "stage 1 is on rank 7, but the number of ranks is 2")
        chain.ranks = [0]
        #expect(message([chain]) == "chain 0 has stages 0..<2 and ranks [0]: give one rank per stage")
        #expect(message([]) == "the schedule has no stages: give at least one chain")
        #expect(
            message([Chain(stages: 1..<3, ranks: [0, 1], microbatchCount: 1)])
                == "chain 0 has stages 1..<3: give it at least one stage, the first being 0")
        #expect(
            message([Chain(stages: 0..<2, ranks: [0, 1], microbatchCount: 0)])
                == "chain 0 has no micro-batches: give it at least 1")
    }
}

extension Schedule {
    /// Whether an action of `step` depends on one of `other`, within one micro-batch of one chain. A forward depends on
    /// the forwards of earlier stages, a backward on all forwards and on the backwards of later stages, and a weight
    /// gradient on what its own input gradient depends on.
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
