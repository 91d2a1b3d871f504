import PipelineActions
import PipelineRuntime
import PipelineSchedules
import TestSupport
import Testing

/// Transfers on a backend without tags, for built-in and random schedules.
@Suite("Channels without tags") struct ChannelTests {
    struct Channel: Hashable {
        let sender: Int
        let receiver: Int
        let isGradient: Bool
    }

    private static func programs(_ schedule: Schedule) -> [RankProgram] {
        (0..<schedule.rankCount).map { RankProgram(schedule, rank: $0) }
    }

    private static func builtIn() throws -> [Schedule] {
        var schedules: [Schedule] = []
        for kind in BuiltInSchedule.allCases {
            for (ranks, microbatches) in [(2, 4), (3, 6), (4, 8), (4, 16), (8, 16)] {
                // Some schedules are not defined for every size.
                if let schedule = try? kind.build(ranks: ranks, microbatches: microbatches) {
                    schedules.append(schedule)
                }
            }
        }
        return schedules
    }

    /// Returns a valid schedule of random order and placement. At each position, any action that is ready may run.
    private static func random(_ seed: UInt64) throws -> Schedule {
        var generator = SeededGenerator(seed)
        let ranks = Int.random(in: 2...5, using: &generator)
        let chainCount = Int.random(in: 1...2, using: &generator)
        let stages = Int.random(in: ranks...2 * ranks, using: &generator)
        let microbatches = Int.random(in: 1...6, using: &generator)
        let splits = Bool.random(using: &generator)
        let chains = (0..<chainCount).map { chain in
            var placement = (0..<stages).map { $0 < ranks ? $0 : Int.random(in: 0..<ranks, using: &generator) }
            placement.shuffle(using: &generator)
            return Chain(
                stages: chain * stages..<(chain + 1) * stages, ranks: placement, microbatchCount: microbatches)
        }
        /// Returns the actions that become ready after an action.
        func followers(_ action: Action, _ chain: Chain) -> [Action] {
            let backward: ActionKind = splits ? .inputGradient : .backward
            switch action.kind {
            case .forward:
                let isLast = action.stage == chain.stages.upperBound - 1
                let kind: ActionKind = isLast ? backward : .forward
                return [Action(kind, stage: isLast ? action.stage : action.stage + 1, microbatch: action.microbatch)]
            case .weightGradient:
                return []
            default:
                var next: [Action] = []
                if action.stage > chain.stages.lowerBound {
                    next.append(Action(backward, stage: action.stage - 1, microbatch: action.microbatch))
                }
                if splits { next.append(action.with(.weightGradient)) }
                return next
            }
        }
        var ready = chains.flatMap { chain in
            (0..<microbatches).map { Action(.forward, stage: chain.stages.lowerBound, microbatch: $0) }
        }
        var rows = [[Step]](repeating: [], count: ranks)
        while !ready.isEmpty {
            let first = ready.remove(at: Int.random(in: 0..<ready.count, using: &generator))
            let chain = chains[first.stage / stages]
            let rank = chain.rank(ofStage: first.stage)
            var done = [first]
            // Actions that are ready at the same time are independent, so that a forward and a backward may overlap.
            let partner = ready.firstIndex {
                first.kind == .forward && ($0.kind == .backward || $0.kind == .inputGradient)
                    && chains[$0.stage / stages].rank(ofStage: $0.stage) == rank
            }
            if let partner, Bool.random(using: &generator) {
                done.append(ready.remove(at: partner))
                rows[rank].append(Step(overlapping: done[0], with: done[1]))
            } else {
                rows[rank].append(Step(first))
            }
            for action in done { ready += followers(action, chains[action.stage / stages]) }
        }
        let schedule = Schedule(name: "random \(seed)", chains: chains, rows: rows)
        try schedule.validate()
        return schedule
    }

    private static func schedules() throws -> [Schedule] {
        try builtIn() + (0..<300).map { try random(UInt64($0)) }
    }

    /// Returns the tags that the sender of each channel sends, in order.
    private static func sent(_ programs: [RankProgram]) -> [Channel: [Int]] {
        var tags: [Channel: [Int]] = [:]
        for (rank, program) in programs.enumerated() {
            for instruction in program.steps.joined() {
                guard case .remote(let transfer) = instruction.target else { continue }
                let channel = Channel(sender: rank, receiver: transfer.peer, isGradient: transfer.isGradient)
                tags[channel, default: []].append(transfer.tag)
            }
        }
        return tags
    }

    @Test("Both ends of a channel have the same order, and every receive is posted before its value is needed")
    func order() throws {
        var reordered = 0
        for schedule in try Self.schedules() {
            let programs = Self.programs(schedule)
            var received: [Channel: [Int]] = [:]
            for (rank, program) in programs.enumerated() {
                var needed: [Int: Int] = [:]
                for (position, instructions) in program.steps.enumerated() {
                    for case .remote(let transfer) in instructions.map(\.source) {
                        needed[transfer.tag << 8 | transfer.peer] = position
                    }
                }
                #expect(needed.count == program.receives.count, "\(schedule.name)")
                var last = 0
                for (transfer, position) in program.receives {
                    let channel = Channel(sender: transfer.peer, receiver: rank, isGradient: transfer.isGradient)
                    received[channel, default: []].append(transfer.tag)
                    let need = try #require(needed[transfer.tag << 8 | transfer.peer])
                    #expect(last <= position && position <= need, "\(schedule.name)")
                    last = position
                    if position < need { reordered += 1 }
                }
            }
            #expect(received == Self.sent(programs), "\(schedule.name)")
        }
        // In some schedules the order of need differs from the order of sending. Without them, this test proves little.
        #expect(reordered > 100)
    }

    /// The work that a rank launches on its device: the operations of the compute stream, and the transfers of each
    /// channel. A transfer begins when the stream has reached the position of its launch and the transfers before it on
    /// the channel are done.
    private struct DeviceQueues {
        enum Operation {
            case compute
            /// Waits for transfer `index` of a channel.
            case wait(Channel, index: Int)
        }

        var stream: [Operation] = []
        var done = 0
        /// The position of the stream at the launch of each transfer.
        var transfers: [Channel: [Int]] = [:]

        mutating func begin(_ channel: Channel) -> Int {
            transfers[channel, default: []].append(stream.count)
            return (transfers[channel]?.count ?? 0) - 1
        }
    }

    /// Returns the queues that the executor fills if it posts `ahead` receives before they are needed. It waits for
    /// sends when a received value proves that they are done, as `PipelineLink` does.
    private static func queues(_ program: RankProgram, rank: Int, ahead: Int) throws -> DeviceQueues {
        var queues = DeviceQueues()
        var posted: [RankProgram.Transfer: (Channel, Int)] = [:]
        var outstanding: [Int: [(neededAt: Int, channel: Channel, index: Int)]] = [:]
        var next = 0
        for (position, instructions) in program.steps.enumerated() {
            while next < program.receives.count,
                program.receives[next].position <= position || posted.count < ahead
            {
                let transfer = program.receives[next].transfer
                let channel = Channel(sender: transfer.peer, receiver: rank, isGradient: transfer.isGradient)
                posted[transfer] = (channel, queues.begin(channel))
                next += 1
            }
            for case .remote(let transfer) in instructions.map(\.source) {
                let known = posted.removeValue(forKey: transfer)
                let (channel, index) = try #require(known)
                queues.stream.append(.wait(channel, index: index))
                for send in outstanding[transfer.peer] ?? [] where send.neededAt <= transfer.peerPosition {
                    queues.stream.append(.wait(send.channel, index: send.index))
                }
                outstanding[transfer.peer]?.removeAll { $0.neededAt <= transfer.peerPosition }
            }
            queues.stream.append(.compute)
            for case .remote(let transfer) in instructions.map(\.target) {
                let channel = Channel(sender: rank, receiver: transfer.peer, isGradient: transfer.isGradient)
                outstanding[transfer.peer, default: []].append(
                    (transfer.peerPosition, channel, queues.begin(channel)))
            }
        }
        for sends in outstanding.values {
            for send in sends { queues.stream.append(.wait(send.channel, index: send.index)) }
        }
        return queues
    }

    /// Runs the queues of all ranks, and returns whether all of them finish.
    private static func finishes(_ ranks: [DeviceQueues]) -> Bool {
        var ranks = ranks
        var over: [Channel: Int] = [:]
        let channels = Set(ranks.flatMap { $0.transfers.keys })
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for rank in ranks.indices {
                while ranks[rank].done < ranks[rank].stream.count {
                    if case .wait(let channel, let index) = ranks[rank].stream[ranks[rank].done],
                        over[channel, default: 0] <= index
                    {
                        break
                    }
                    ranks[rank].done += 1
                    hasMoved = true
                }
            }
            for channel in channels {
                let ends = [ranks[channel.sender], ranks[channel.receiver]]
                // A transfer begins when both of its ends have launched it.
                while ends.allSatisfy({ end in
                    let starts = end.transfers[channel] ?? []
                    let index = over[channel, default: 0]
                    return index < starts.count && starts[index] <= end.done
                }) {
                    over[channel, default: 0] += 1
                    hasMoved = true
                }
            }
        }
        return ranks.allSatisfy { $0.done == $0.stream.count }
    }

    @Test("No schedule deadlocks, however many receives are posted ahead", arguments: [0, 1, 4, 1000])
    func deadlocks(ahead: Int) throws {
        for schedule in try Self.schedules() {
            let programs = Self.programs(schedule)
            let queues = try programs.enumerated().map { try Self.queues($1, rank: $0, ahead: ahead) }
            #expect(Self.finishes(queues), "\(schedule.name)")
        }
    }

    @Test("The simulation finds a deadlock: two ranks that wait for their sends before they post their receives")
    func deadlockOfSends() {
        let channels = [(0, 1), (1, 0)].map { Channel(sender: $0, receiver: $1, isGradient: false) }
        let ranks = (0..<2).map { rank in
            var queues = DeviceQueues()
            let sent = queues.begin(channels[rank])
            queues.stream.append(.wait(channels[rank], index: sent))
            _ = queues.begin(channels[1 - rank])
            return queues
        }
        #expect(!Self.finishes(ranks))
    }
}
