import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite("Properties of simulations") struct SimulationPropertyTests {
    @Test(
        "Every step of a built-in schedule ends when the reference simulator says", arguments: BuiltInSchedule.allCases)
    func agreesWithTheReference(kind: BuiltInSchedule) throws {
        var random = SplitMix64(state: 7)
        for (ranks, microbatches) in [(1, 2), (2, 3), (3, 5), (4, 6)] {
            let schedule = try kind.build(ranks: ranks, microbatches: microbatches)
            let costs = PipelineCosts.random(stages: schedule.stageCount, &random)
            let simulation = try Simulation(schedule, costs: costs)
            let reference = ReferenceSimulator(schedule, costs: costs)
            #expect(simulation.makespan == reference.makespan)
            for rank in schedule.rows.indices {
                let ends = zip(simulation.starts[rank], simulation.durations[rank]).map { $0 + $1 }
                #expect(ends == reference.ends[rank])
            }
        }
    }

    /// Any topological order of the actions of a valid schedule is itself a valid schedule.
    @Test("Any topological order of a schedule's actions is valid and simulates like the reference")
    func randomTopologicalOrdersAreAccepted() throws {
        for seed in 0..<40 {
            var random = SplitMix64(state: UInt64(seed))
            let kind = BuiltInSchedule.allCases[seed % BuiltInSchedule.allCases.count]
            var schedule = try kind.build(ranks: 3, microbatches: 4)
            schedule.rows = schedule.randomTopologicalRows(&random)
            #expect(throws: Never.self, "\(kind) \(seed)") { try schedule.validate() }
            let costs = PipelineCosts.random(stages: schedule.stageCount, &random)
            let makespan = try Simulation(schedule, costs: costs).makespan
            #expect(makespan == ReferenceSimulator(schedule, costs: costs).makespan)
        }
    }

    @Test("Bubbles and busy time add up, memory stays within its peak, and the critical path has no gaps")
    func bubblesMemoryAndCriticalPathAddUp() throws {
        var random = SplitMix64(state: 3)
        for kind in BuiltInSchedule.allCases {
            let schedule = try kind.build(ranks: 4, microbatches: 8)
            let costs = PipelineCosts.random(stages: schedule.stageCount, &random)
            let simulation = try Simulation(schedule, costs: costs)
            let peaks = try schedule.validate().peakActivations
            for rank in 0..<4 {
                let bubble = simulation.bubble(ofRank: rank)
                #expect(bubble.total + simulation.busy(ofRank: rank) == simulation.makespan)
                #expect(min(bubble.start, bubble.middle, bubble.end) >= 0)
                #expect(simulation.peakMemory(ofRank: rank) <= Int64(peaks[rank]))
                #expect(simulation.memory(ofRank: rank).last?.amount == 0)
            }
            let path = simulation.criticalPath
            let first = try #require(path.first)
            let last = try #require(path.last)
            #expect(first.start == 0 && last.start + last.duration == simulation.makespan)
            for (one, next) in zip(path, path.dropFirst()) {
                let gap = next.start - one.start - one.duration
                #expect(gap == 0 || gap == costs.transfer)
            }
            #expect(simulation.causes.count == simulation.timeline.spans.count)
        }
    }

    @Test("Memory is in bytes if the costs have memory figures")
    func memoryIsInBytesIfKnown() throws {
        let schedule = try Schedule(csv: Array("0F0,0I0,0W0\n".utf8))
        let costs = PipelineCosts(
            stages: [StageCosts(forward: 2, inputGradient: 3, weightGradient: 4)],
            memory: [StageMemory(parameters: 100, activation: 10, weightGradient: 6)])
        let changes = try Simulation(schedule, costs: costs).memory(ofRank: 0)
        #expect(changes.map(\.time) == [0, 5, 9])
        #expect(changes.map(\.amount) == [110, 106, 100])
    }

    @Test("Stragglers lengthen their actions, and jitter depends on its seed alone")
    func slowRanksAndJitterAreRepeatable() throws {
        let schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 4, microbatches: 8)
        let costs = PipelineCosts.unit(1000)
        let plain = try Simulation(schedule, costs: costs)
        let slow = try Simulation(schedule, costs: costs, stragglers: Stragglers(slowdowns: [1, 2]))
        #expect(slow.busy(ofRank: 1) == 2 * plain.busy(ofRank: 1))
        #expect(slow.makespan > plain.makespan)
        func jittered(_ seed: UInt64) throws -> [[Int64]] {
            try Simulation(schedule, costs: costs, stragglers: Stragglers(jitter: 0.2, seed: seed)).durations
        }
        #expect(try jittered(1) == jittered(1))
        #expect(try jittered(1) != jittered(2))
        #expect(try jittered(1).joined().allSatisfy { (800...2400).contains($0) })
    }

    @Test("Links, communication parts, slow-down and finish enter the times")
    func linksPartsAndFinishCount() throws {
        let links = LinkCosts(
            withinNode: .init(latency: 5, bytesPerSecond: 1e9), betweenNodes: .init(latency: 50, bytesPerSecond: 1e8),
            ranksPerNode: 2, bytes: 100)
        #expect(links.transfer(from: 0, to: 1) == 105)
        #expect(links.transfer(from: 1, to: 2) == 1050)
        let stage = StageCosts(
            forward: 100, inputGradient: 110, weightGradient: 30, forwardCommunication: 60, backwardCommunication: 50)
        let costs = PipelineCosts(stages: [stage], overlapSlowdown: 1.1, links: links, finish: 7)
        // Compute 40 + 60 + 30 = 130 beside communication 110; one after the other 240.
        #expect(costs.pairLength(forwardStage: 0, backwardStage: 0) == 143)
        let simulation = try Simulation(try Schedule(csv: Array("0F0,0B0\n1F0,1B0\n".utf8)), costs: costs)
        #expect(simulation.makespan == 2 * 240 + 2 * 105)
        #expect(simulation.stepTime == simulation.makespan + 7)
    }

    @Test("Explicit transfers and idle steps do not change the makespan")
    func transfersAndIdleStepsDoNotChangeTimes() throws {
        let schedule = try BuiltInSchedule.dualPipeV.build(ranks: 4, microbatches: 9)
        let costs = PipelineCosts.unit(10)
        let lowered = try Simulation(schedule.addingTransfers(), costs: costs)
        let makespan = try Simulation(schedule, costs: costs).makespan
        #expect(lowered.makespan == makespan)
        #expect(lowered.timeline.spans.count == lowered.schedule.actionCount)
        #expect(lowered.schedule.actionCount > schedule.actionCount)
        var padded = schedule
        padded.rows = schedule.rows.map { row in row.flatMap { [.idle, $0] } + [.idle] }
        let idle = try Simulation(padded, costs: costs)
        #expect(idle.makespan == makespan && idle.timeline.spans.count == schedule.actionCount)
    }

    @Test("Huge micro-batch numbers are refused and allocate no memory")
    func hugeNumbersAreRefused() throws {
        for text in ["0F0,0B0,0F4294967295\n", "0F0,0B0\n2F0,1F0,2B0,1B0,1F4000000000\n"] {
            let schedule = try Schedule(csv: Array(text.utf8))
            let error = try #require(throws: ScheduleError.self, "\(text)") { try Simulation(schedule, costs: .unit()) }
            #expect(error.description.contains("F1 never runs"), "\(error)")
        }
    }
}

extension Schedule {
    /// Returns the same actions in a random order that respects every dependency, with each rank's actions in the order
    /// in which they ran.
    fileprivate func randomTopologicalRows(_ random: inout SplitMix64) -> [[Step]] {
        var left = rows.flatMap { $0 }.flatMap { [$0.first, $0.second].compactMap { $0 } }
        var done: Set<Action> = []
        var result = [[Step]](repeating: [], count: rankCount)
        while !left.isEmpty {
            let ready = left.indices.filter { isReady(left[$0], done) }
            let action = left.remove(at: ready[random.next(below: ready.count)])
            done.insert(action)
            let home = chains.first { $0.stages.contains(action.stage) }?.rank(ofStage: action.stage) ?? 0
            result[home].append(Step(action))
        }
        return result
    }

    private func isReady(_ action: Action, _ done: Set<Action>) -> Bool {
        guard let chain = chains.first(where: { $0.stages.contains(action.stage) }) else { return false }
        func has(_ kinds: [ActionKind], _ stage: Int) -> Bool {
            kinds.contains { done.contains(Action($0, stage: stage, microbatch: action.microbatch)) }
        }
        switch action.kind {
        case .forward:
            return !chain.stages.contains(action.stage - 1) || has([.forward], action.stage - 1)
        case .weightGradient:
            return has([.inputGradient], action.stage)
        default:
            let isReached =
                !chain.stages.contains(action.stage + 1) || has([.backward, .inputGradient], action.stage + 1)
            return has([.forward], action.stage) && isReached
        }
    }
}
