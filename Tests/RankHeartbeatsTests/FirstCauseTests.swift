import RankHeartbeats
import Testing

/// The verdict on small worlds, each compared with a search of all paths and all sets of ranks.
@Suite("The first cause of a loss") struct FirstCauseTests {
    /// The condition of a rank in a test.
    private enum Condition: Hashable {
        case ended, silent, working, late
        /// The rank waits for others, as a bit set, for a short or too long time.
        case waiting(for: Int, isLate: Bool)
    }

    private static let limits = HeartbeatLimits()

    private static func conditions(ofRank rank: Int, in size: Int) -> [Condition] {
        let sets = (1..<1 << size).filter { $0 & 1 << rank == 0 }
        return [.ended, .silent, .working, .late] + sets.map { .waiting(for: $0, isLate: true) }
            + sets.prefix(1).map { .waiting(for: $0, isLate: false) }
    }

    /// The state of a rank. The times differ between ranks, and their order is that of `ages`.
    private static func state(_ condition: Condition, age: Int, size: Int) -> RankState {
        var state = RankState()
        state.beat.beats = 1
        state.beat.phase = .training
        state.silence = .zero
        switch condition {
        case .ended: state.sinceEnd = .seconds(20 + age)
        case .silent: state.silence = .seconds(20 + age)
        case .working: state.inOperation = .seconds(14)
        case .late: state.inOperation = .seconds(20 + age)
        case .waiting(let peers, let isLate):
            state.inOperation = .seconds(isLate ? 20 + age : 14)
            state.beat.wait = "receive"
            state.beat.peers = (0..<size).filter { peers & 1 << $0 != 0 }
        }
        return state
    }

    /// Returns the kind and the rank of the cause, and all ranks that may stand for it.
    private static func expected(_ conditions: [Condition], ages: [Int]) -> (kind: RankLoss.Kind, ranks: Set<Int>)? {
        let size = conditions.count
        let ranks = Array(0..<size)
        func oldest(_ ranks: [Int]) -> Int? { ranks.max { ages[$0] < ages[$1] } }
        if let lost = oldest(ranks.filter { conditions[$0] == .ended || conditions[$0] == .silent }) {
            return (conditions[lost] == .ended ? .ended : .silent, [lost])
        }
        func peers(_ rank: Int) -> Int { if case .waiting(let peers, _) = conditions[rank] { peers } else { 0 } }
        func reaches(_ from: Int, _ to: Int, _ steps: Int) -> Bool {
            ranks.contains { peers(from) & 1 << $0 != 0 && ($0 == to || steps > 0 && reaches($0, to, steps - 1)) }
        }
        let stuck = ranks.filter { rank in
            conditions[rank] == .late && ranks.contains { $0 != rank && reaches($0, rank, size) }
        }
        if let stuck = oldest(stuck) { return (.stuck, [stuck]) }
        var circles: Set<Int> = []
        for set in 1..<1 << size {
            let members = ranks.filter { set & 1 << $0 != 0 }
            let isClosed = members.allSatisfy { rank in
                if case .waiting(let peers, true) = conditions[rank] { peers & ~set == 0 } else { false }
            }
            if isClosed { circles.formUnion(members) }
        }
        return circles.isEmpty ? nil : (.mutual, circles)
    }

    private static func checkAllWorlds(of size: Int, ages: [Int]) -> (worlds: Int, wrong: [[Condition]]) {
        var worlds: [[Condition]] = [[]]
        for rank in 0..<size {
            worlds = worlds.flatMap { world in conditions(ofRank: rank, in: size).map { world + [$0] } }
        }
        let wrong = worlds.filter { world in
            let states = zip(world, ages).map { state($0, age: $1, size: size) }
            let loss = RankLoss.firstCause(of: states, limits)
            guard let expected = expected(world, ages: ages) else { return loss != nil }
            guard let loss, loss.kind == expected.kind, expected.ranks.contains(loss.rank) else { return true }
            // A rank that waits for another is never a stuck rank, and each rank said to wait does.
            return loss.kind == .stuck && !states[loss.rank].beat.peers.isEmpty
                || loss.waiting.contains { states[$0].beat.peers.isEmpty }
        }
        return (worlds.count, wrong)
    }

    @Test(
        "Every world of 1 to 4 ranks has the cause that a search of all waits finds",
        arguments: [[0], [0, 1], [1, 0], [0, 1, 2], [2, 0, 1], [0, 1, 2, 3], [3, 1, 0, 2]])
    func everySmallWorld(ages: [Int]) {
        let (worlds, wrong) = Self.checkAllWorlds(of: ages.count, ages: ages)
        #expect(worlds > 3 && wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test("An end is reported after a time in which the ranks report it themselves") func grace() {
        var states = [RankState(), RankState()]
        states[1].sinceEnd = .milliseconds(499)
        #expect(RankLoss.firstCause(of: states, Self.limits) == nil)
        states[1].sinceEnd = .milliseconds(500)
        #expect(RankLoss.firstCause(of: states, Self.limits)?.rank == 1)
    }

    @Test("The end of a rank that is done is no loss, and nobody waits for it") func aDoneRank() {
        var states = [RankState(), RankState()]
        states[1].sinceEnd = .seconds(100)
        states[1].silence = .seconds(100)
        states[1].beat.phase = .done
        #expect(RankLoss.firstCause(of: states, Self.limits) == nil)
    }

    @Test(
        "An operation may last its phase's budget, and ten times its longest time so far", arguments: RankPhase.allCases
    )
    func budgets(phase: RankPhase) throws {
        var states = [RankState(), RankState()]
        for rank in 0...1 {
            states[rank].silence = .zero
            states[rank].beat.phase = phase
        }
        states[0].beat.wait = "receive"
        states[0].beat.peers = [1]
        func isLoss(after seconds: Double, longest: Double) -> Bool {
            states[1].inOperation = .seconds(seconds)
            states[1].longest = .seconds(longest)
            return RankLoss.firstCause(of: states, Self.limits) != nil
        }
        let seconds: [RankPhase: Double] = [
            .start: 600, .firstStep: 300, .training: 15, .validation: 60, .saving: 600, .end: 600,
        ]
        guard let budget = seconds[phase] else {
            #expect(phase == .done && !isLoss(after: 1e6, longest: 0))
            return
        }
        #expect(!isLoss(after: budget - 0.001, longest: 0) && isLoss(after: budget, longest: 0))
        #expect(
            !isLoss(after: budget * 2 - 0.001, longest: budget / 5) && isLoss(after: budget * 2, longest: budget / 5))
    }

    @Test("A rank that waits for something outside the run is never a cause, nor are ranks that wait for it")
    func outsideWaits() {
        var states = [RankState(), RankState()]
        for rank in 0...1 {
            states[rank].silence = .zero
            states[rank].inOperation = .seconds(1_000)
            states[rank].beat.phase = .training
        }
        states[0].beat.wait = "output"
        states[1].beat.wait = "receive"
        states[1].beat.peers = [0]
        #expect(RankLoss.firstCause(of: states, Self.limits) == nil)
    }

    @Test("The message has the host, the rank, the step, the action, the operation and the ranks that wait")
    func messages() {
        var beat = RankBeat()
        beat.host = "node07"
        beat.phase = .training
        beat.step = 12
        beat.action = "1F3"
        beat.segment = "attention F"
        func message(_ kind: RankLoss.Kind, _ waiting: [Int]) -> String {
            "\(RankLoss(kind: kind, rank: 1, beat: beat, duration: .milliseconds(15_250), waiting: waiting))"
        }
        #expect(
            message(.silent, [0])
                == "rank 1 on node07 has sent no heartbeat for 15 s: its process is stopped, or its host is down or cut "
                + "off; last seen in training at step 12, in attention F of 1F3; rank 0 waits for it")
        #expect(
            message(.stuck, [0, 2])
                == "rank 1 on node07 has made no progress for 15 s in training at step 12, in attention F of 1F3; ranks 0 "
                + "and 2 wait for it")
        (beat.wait, beat.segment, beat.peers) = ("all-to-all", "dispatch F", [0, 2, 3, 4, 5])
        #expect(
            message(.ended, [])
                == "rank 1 on node07 ended in training at step 12, in all-to-all (dispatch F) of 1F3 with ranks 0, 2 and 3 "
                + "others")
        #expect(
            message(.mutual, [0])
                == "rank 1 on node07 and rank 0 have waited for each other for 15 s in training at step 12, in all-to-all "
                + "(dispatch F) of 1F3: is the network between their hosts cut?")
    }
}
