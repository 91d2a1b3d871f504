import ExpertBalancing
import Foundation
import TestSupport
import Testing

@Suite struct LiveBalancerTests {
    private static let layers = 3
    private static let experts = 32
    private static let devices = 4
    private let world: DeviceWorld
    private let start: Placement

    init() throws {
        world = try DeviceWorld(slotCount: Self.experts + Self.devices, deviceCount: Self.devices)
        start = try Placement(contiguousLayers: Self.layers, expertCount: Self.experts, world: world)
    }

    /// Loads with a long tail, the same in every step.
    private func loads(_ seed: UInt64) throws -> [Int] {
        var random = SeededGenerator(seed)
        return try random.loads(layers: Self.layers, experts: Self.experts).values.map { Int($0) * 100 }
    }

    private func options(_ change: (inout LiveBalancer.Options) -> Void = { _ in }) -> LiveBalancer.Options {
        var options = LiveBalancer.Options()
        options.interval = 8
        options.sharing = .equal
        change(&options)
        return options
    }

    /// What happens in a run: the steps of requests, and for every step the copies.
    private struct Run {
        var requests: [Int] = []
        var plans: [LivePlan] = []
        var copies: [Int] = []
        var balances: [Double] = []
        var balancer: LiveBalancer
    }

    private func run(_ options: LiveBalancer.Options, from placement: Placement? = nil, _ steps: [[Int]]) throws -> Run
    {
        var run = Run(
            balancer: try LiveBalancer(placement: placement ?? start, world: world, options: options))
        for (step, loads) in steps.enumerated() {
            run.balances.append(run.balancer.placement.balancedness(loads.map(Double.init)))
            run.copies.append(run.balancer.migration(inStep: step)?.copies.count ?? 0)
            run.balancer.finishMigration(ofStep: step)
            try run.balancer.record(loads)
            if let request = run.balancer.planningRequest(step: step) {
                run.requests.append(step)
                run.plans.append(try request.plan())
                try run.balancer.accept(run.plans[run.plans.count - 1])
            }
        }
        return run
    }

    @Test("A plan is made every interval, and loads that do not change are planned for once")
    func plansAreMadeEveryInterval() throws {
        let loads = try loads(51)
        let run = try run(options { $0.minimumBalance = 0 }, [[Int]](repeating: loads, count: 40))
        #expect(run.requests[0] == 7)
        #expect(run.plans[0].startStep == 9 && run.plans[0].copyCount > 0)
        let firstCopies = try #require(run.copies.firstIndex { $0 > 0 })
        #expect(firstCopies == 9)
        let last = try #require(run.copies.lastIndex { $0 > 0 })
        #expect(last == 9 + run.plans[0].migrations.count - 1)
        #expect(run.plans.dropFirst().allSatisfy { $0.migrations.isEmpty } && run.plans.count > 2)
        #expect(zip(run.requests, run.requests.dropFirst()).allSatisfy { $1 - $0 >= 8 })
        #expect(run.balances[39] > 0.97 && run.balances[0] < 0.9)
        #expect(run.balancer.placement == run.plans[0].placement && run.balancer.owners == run.plans[0].owners)
    }

    @Test("A balance below the bound is answered at once, but not a single step") func lowBalanceIsAnswered() throws {
        let first = try loads(52)
        let second = try loads(53)
        let placed = try OptimalPolicy(world: world).plan(
            ExpertLoads(first.map(Double.init), expertCount: Self.experts)
        ).placement
        let options = options { $0.interval = 100 }
        let steps = [[Int]](repeating: first, count: 10)
        let once = try run(options, from: placed, steps + [second] + steps)
        #expect(once.requests.isEmpty)
        let shift = try run(options, from: placed, steps + [[Int]](repeating: second, count: 20))
        #expect(shift.requests[0] == 11 && shift.plans[0].forecast == .last)
        #expect(shift.balances[10] < 0.9 && shift.balances[29] > 0.95)
        // The loads before the change have no part in the plan.
        let before = shift.plans[0].layers.map(\.balanceBefore)
        #expect(abs(before.reduce(0, +) / Double(Self.layers) - shift.balances[10]) < 1e-9)
    }

    @Test("A bound that no placement reaches is answered once per interval") func boundsOutOfReach() throws {
        let loads = try loads(54)
        let run = try run(options { $0.minimumBalance = 1 }, [[Int]](repeating: loads, count: 60))
        #expect(run.requests[0] == 1)
        #expect(zip(run.requests, run.requests.dropFirst()).allSatisfy { $1 - $0 >= 8 })
    }

    @Test("Copies stay within the budget and the limit per step, and a layer's steps are fixed when it is planned")
    func budgetsAreKept() throws {
        let loads = try loads(55)
        for (copies, limit) in [(3, 1), (12, 2), (1000, 3)] {
            let run = try run(
                options {
                    $0.maxCopies = copies
                    $0.copiesPerStep = limit
                }, [[Int]](repeating: loads, count: 12))
            let plan = run.plans[0]
            #expect(plan.layers.reduce(0) { $0 + $1.copies } <= copies)
            // The copies that move one owner may take two rounds, which is more than a limit of 1.
            #expect(plan.migrations.allSatisfy { $0.rounds.count <= max(limit, 2) })
            for (layer, change) in plan.layers.enumerated() {
                let last = plan.migrations.lastIndex { $0.copies.contains { $0.layer == layer } }
                #expect(change.firstStep == last.map { plan.startStep + $0 + 1 })
                #expect(change.balanceAfter >= change.balanceBefore && (change.copies > 0) == (last != nil))
            }
        }
    }

    @Test("The same calls give the same plans, with equal digests; other loads give other digests")
    func plansAreDeterministic() throws {
        let steps = [[Int]](repeating: try loads(56), count: 12)
        let first = try run(options(), steps)
        let second = try run(options(), steps)
        #expect(first.plans == second.plans && first.plans.map(\.digest) == second.plans.map(\.digest))
        let other = try run(options(), [[Int]](repeating: try loads(57), count: 12))
        #expect(first.plans[0].digest != other.plans[0].digest)
    }

    @Test("Copies that do not pay are not made, and the state of owners counts") func copiesHaveToPay() throws {
        let steps = [[Int]](repeating: try loads(58), count: 12)
        func copies(_ secondsPerCopy: Double, _ secondsPerState: Double) throws -> Int {
            let costs = LiveCosts(
                secondsPerToken: 1e-6, secondsPerCopy: secondsPerCopy, secondsPerState: secondsPerState)
            return try run(options { $0.costs = costs }, steps).plans[0].copyCount
        }
        let free = try copies(0, 0)
        #expect(free > 0)
        #expect(try copies(1e6, 0) == 0)
        #expect(try copies(0, 1e6) < free)
    }

    @Test("A plan states its bytes: weights to each new slot, and the state of each owner that moves")
    func bytesAreStated() throws {
        let size = ExpertBytes(weights: 10, state: 1000)
        let run = try run(
            options { $0.expertBytes = size }, [[Int]](repeating: try loads(59), count: 12))
        let plan = run.plans[0]
        #expect(plan.layers.reduce(0) { $0 + $1.bytes } == plan.migrations.reduce(0) { $0 + $1.bytes(size) })
        let moves = plan.layers.reduce(0) { $0 + $1.ownerMoves }
        #expect(moves == zip(SlotOwners(start).slots, plan.owners.slots).count { $0 != $1 })
        #expect(size[.weights] == 10 && size[[.weights, .state]] == 1010)
    }

    @Test("A plan that is given up changes nothing, and a plan of another request is refused")
    func plansAreGivenUp() throws {
        var balancer = try LiveBalancer(placement: start, world: world, options: options { $0.minimumBalance = 0 })
        let loads = try loads(60)
        func request(at step: Int) throws -> LivePlanningRequest? {
            try balancer.record(loads)
            return balancer.planningRequest(step: step)
        }
        for step in 0..<7 { #expect(try request(at: step) == nil) }
        let first = try #require(try request(at: 7))
        #expect(try request(at: 8) == nil && balancer.request?.step == 7)
        balancer.abandonPlan()
        #expect(balancer.request == nil && balancer.placement == start && balancer.migration(inStep: 9) == nil)
        for step in 9..<15 { #expect(try request(at: step) == nil) }
        let second = try #require(try request(at: 15))
        #expect(throws: BalancingError.self) { try balancer.accept(first.plan()) }
        try balancer.accept(second.plan())
        balancer.abandonPlan()
        #expect(balancer.plan != nil, "a plan that has been accepted is carried out")
    }

    @Test("A balancer of a checkpoint decides as the uninterrupted one, also while a plan is made or carried out")
    func checkpointsContinue() throws {
        let steps = [[Int]](repeating: try loads(61), count: 10) + [[Int]](repeating: try loads(62), count: 20)
        let options = options { $0.copiesPerStep = 1 }
        let whole = try run(options, steps)
        for stop in [3, 10, 12, 14, 20] {
            var balancer = try run(options, Array(steps[..<stop])).balancer
            let state = try JSONDecoder().decode(
                LiveBalancer.State.self, from: JSONEncoder().encode(balancer.state))
            #expect(state == balancer.state)
            balancer = try LiveBalancer(resuming: state, world: world, options: options)
            for step in stop..<steps.count {
                #expect((balancer.migration(inStep: step)?.copies.count ?? 0) == whole.copies[step])
                balancer.finishMigration(ofStep: step)
                try balancer.record(steps[step])
                if let request = balancer.planningRequest(step: step) { try balancer.accept(request.plan()) }
            }
            #expect(balancer.placement == whole.balancer.placement && balancer.owners == whole.balancer.owners)
        }
    }

    @Test("Placements with empty slots, other devices, wrong loads and settings out of range are refused")
    func wrongValuesAreRefused() throws {
        let empty = try Placement(experts: [0, -1, 1, 0], expertCount: 2, deviceOffsets: [0, 2, 4])
        let small = try DeviceWorld(slotCount: 4, deviceCount: 2)
        #expect(throws: BalancingError.self) { try LiveBalancer(placement: empty, world: small) }
        #expect(throws: BalancingError.self) { try LiveBalancer(placement: start, world: small) }
        for change: (inout LiveBalancer.Options) -> Void in [
            { $0.interval = 0 }, { $0.planningSteps = 0 }, { $0.copiesPerStep = 0 }, { $0.minimumBalance = .nan },
            { $0.targetBalance = 2 },
        ] {
            #expect(throws: BalancingError.self) {
                try LiveBalancer(placement: start, world: world, options: options(change))
            }
        }
        var balancer = try LiveBalancer(placement: start, world: world)
        #expect(throws: (any Error).self) { try balancer.record([1, 2, 3]) }
        #expect(throws: (any Error).self) { try balancer.record([Int](repeating: -1, count: 96)) }
        #expect(balancer.planningRequest(step: 0) == nil)
    }

    @Test("The contiguous placement gives each device its share, and other slots repeat the share's experts")
    func contiguousPlacements() throws {
        let equal = try DeviceWorld(slotCount: 12, deviceCount: 4)
        let placement = try Placement(contiguousLayers: 1, expertCount: 8, world: equal)
        #expect(placement.experts == [0, 1, 0, 2, 3, 2, 4, 5, 4, 6, 7, 6])
        var random = SeededGenerator(63)
        for _ in 0..<100 {
            let slots = (0..<Int.random(in: 1...6, using: &random)).map { _ in Int.random(in: 0...5, using: &random) }
            guard let world = try? DeviceWorld(slotsPerDevice: slots) else { continue }
            let experts = Int.random(in: 1...world.slotCount, using: &random)
            let placement = try Placement(contiguousLayers: 2, expertCount: experts, world: world)
            _ = try Placement(
                experts: placement.experts, expertCount: experts, deviceOffsets: placement.deviceOffsets)
            #expect(!placement.experts.contains(Placement.emptySlot))
        }
        #expect(throws: BalancingError.self) { try Placement(contiguousLayers: 1, expertCount: 13, world: equal) }
    }
}
