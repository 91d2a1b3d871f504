import ExpertBalancing
import TestSupport
import Testing

@Suite struct PlacementRequestTests {
    private func request(workloads: Int = 1, nodes: Int = 1) throws -> PlacementRequest {
        var random = SeededGenerator(91)
        let loads = try (0..<workloads).map { _ in try random.loads(layers: 2, experts: 16) }
        return PlacementRequest(loads, world: try DeviceWorld(slotCount: 24, deviceCount: 4, nodeCount: nodes))
    }

    @Test("The options of a request choose the policy")
    func optionsChooseThePolicy() throws {
        #expect(PlacementRequest.policyNames == ["optimal", "deepseek"])
        var request = try request(nodes: 2)
        #expect(try request.policy() is OptimalPolicy)
        request.groupCount = 4
        request.maxRemoteShare = 0.1
        #expect(try request.policy() is LocalityPolicy)
        request.maxRemoteShare = nil
        request.policyName = "deepseek"
        #expect(try request.policy() is DeepSeekPolicy)
        request.policyName = "best"
        #expect(throws: BalancingError.self) { try request.policy() }
        #expect(try self.request(workloads: 2).policy() is JointPolicy)
    }

    @Test("Every policy's plan has the bounds of the optimal plan")
    func plansHaveTheBoundsOfTheOptimalPlan() throws {
        var request = try request()
        let best = try request.plan()
        #expect(best.placement == best.best[0].placement)
        request.policyName = "deepseek"
        let deepSeek = try request.plan()
        #expect(deepSeek.best == best.best && deepSeek.balance <= deepSeek.balanceBound)
        #expect(deepSeek.certificates.count == 2 && best.certificates.count == 2)
        for (own, other) in zip(deepSeek.certificates, best.certificates) {
            #expect(own.longestTime >= other.lowerBound * (1 - 1e-12))
        }
    }

    @Test("A request with a current placement keeps its limit on copies")
    func limitsOnCopiesAreKept() throws {
        var request = try request()
        let best = try request.plan().placement
        request.current = best
        let same = try PlacementComparison(request)
        #expect(same.baselineName == "current" && same.migration?.copies.isEmpty == true)
        var random = SeededGenerator(92)
        request.workloads = [try random.loads(layers: 2, experts: 16)]
        request.noise = nil
        request.maxCopies = 3
        let moved = try PlacementComparison(request)
        #expect(try request.policy() is BudgetedPolicy)
        #expect((1...3).contains(try #require(moved.migration).copies.count))
        request.current = nil
        #expect(throws: BalancingError.self) { try request.plan() }
    }

    @Test("Options that the policy does not support are refused")
    func unsupportedOptionsAreRefused() throws {
        var several = try request(workloads: 2)
        several.groupCount = 4
        #expect(throws: BalancingError.self) { try several.plan() }
        several.groupCount = nil
        several.maxRemoteShare = 0.1
        #expect(throws: BalancingError.self) { try several.plan() }
        several.maxRemoteShare = nil
        several.deviceSlots = 20
        #expect(throws: BalancingError.self) { try several.plan() }
        several.deviceSlots = nil
        several.policyName = "deepseek"
        #expect(throws: BalancingError.self) { try several.plan() }
        var one = try request(nodes: 2)
        one.maxRemoteShare = 0.1
        #expect(throws: BalancingError.self) { try one.plan() }
        one.maxRemoteShare = nil
        one.deviceSlots = 20
        one.maxCopies = 3
        #expect(throws: BalancingError.self) { try one.plan() }
        one.maxCopies = nil
        one.world = try DeviceWorld(slotsPerDevice: [6, 6, 0, 6], nodeCount: 2)
        #expect(throws: BalancingError.self) { try one.plan() }
        one = try request(nodes: 2)
        one.current = try one.plan().placement
        one.groupCount = 4
        one.maxCopies = 3
        #expect(throws: BalancingError.self) { try one.plan() }
        one = try request()
        one.policyName = "deepseek"
        one.allowsDuplicates = false
        #expect(throws: BalancingError.self) { try one.plan() }
    }
}
