import ExpertBalancing
import Foundation
import Testing

@Suite struct DeepSeekPolicyTests {
    private struct Case: Decodable {
        let loads: [[Double]]
        let replicas: Int
        let groups: Int
        let nodes: Int
        let gpus: Int
        let physicalToLogicalMap: [[Int32]]
        let logicalToPhysicalMap: [[[Int32]]]
        let expertCount: [[Int32]]
    }

    private func check(_ lines: Data) throws -> Int {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var count = 0
        for line in lines.split(separator: 0x0A) {
            let known = try decoder.decode(Case.self, from: line)
            let policy = try DeepSeekPolicy(
                slotCount: known.replicas, groupCount: known.groups, nodeCount: known.nodes, deviceCount: known.gpus)
            let maps = try policy.plan(ExpertLoads(layers: known.loads))
            #expect(maps.physicalToLogical == known.physicalToLogicalMap.flatMap(\.self), "case \(count)")
            #expect(
                maps.logicalToPhysical == known.logicalToPhysicalMap.flatMap { $0.flatMap(\.self) }, "case \(count)")
            #expect(maps.replicaCounts == known.expertCount.flatMap(\.self), "case \(count)")
            count += 1
        }
        return count
    }

    @Test("The example in the README of DeepSeek's EPLB gives the published maps")
    func readmeExampleOfTheOriginal() throws {
        let loads = try ExpertLoads(layers: [
            [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86],
            [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27],
        ])
        let maps = try DeepSeekPolicy(slotCount: 16, groupCount: 4, nodeCount: 2, deviceCount: 8).plan(loads)
        #expect(
            maps.physicalToLogical == [
                5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1, 7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1,
            ])
        #expect(maps.replicaCounts.prefix(12) == [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1])
        #expect(maps.replicaCounts.suffix(12) == [1, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1, 1])
        #expect(maps.width == 2)
        #expect(try maps.placement(deviceCount: 8).deviceCount == 8)
    }

    @Test("40 recorded cases give the maps of DeepSeek's EPLB")
    func recordedCasesAreIdentical() throws {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/deepseek_policy_cases.jsonl")
        #expect(try check(Data(contentsOf: url)) == 40)
    }

    @Test(
        "All 320 recorded cases give the maps of DeepSeek's EPLB",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent"))
    func allRecordedCasesAreIdentical() throws {
        let lines = try #require(try RecordedLoads.unpacked("deepseek_policy_cases.jsonl.gz"))
        #expect(try check(lines) == 320)
    }

    @Test(
        "The balance on recorded loads has the known value",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent"),
        arguments: [(8, 4, 32, 0.796), (1, 1, 32, 0.9939), (1, 1, 72, 0.977), (1, 1, 144, 0.804)])
    func balanceOnRealLoadsIsKnown(groups: Int, nodes: Int, devices: Int, expected: Double) throws {
        let loads = try #require(try RecordedLoads.loads("prefill_in4096.json"))
        let policy = try DeepSeekPolicy(
            slotCount: 288, groupCount: groups, nodeCount: nodes, deviceCount: devices)
        let balance = try policy.plan(loads).placement(deviceCount: devices).balancedness(loads.values)
        #expect(abs(balance - expected) < 0.0006)
    }

    @Test("Zero loads, one expert and groups that nodes do not divide are handled as in DeepSeek's EPLB")
    func edgeCasesOfTheOriginal() throws {
        // All loads are zero: the first expert gets every further replica.
        let zero = try ExpertLoads([0, 0, 0, 0], expertCount: 4)
        #expect(
            try DeepSeekPolicy(slotCount: 6, groupCount: 1, nodeCount: 1, deviceCount: 2).plan(zero).replicaCounts
                == [3, 1, 1, 1])
        // There is one expert on one device.
        let one = try ExpertLoads([7], expertCount: 1)
        #expect(
            try DeepSeekPolicy(slotCount: 3, groupCount: 1, nodeCount: 1, deviceCount: 1).plan(one).physicalToLogical
                == [0, 0, 0])
        // Nodes that do not divide the groups are ignored.
        #expect(try !DeepSeekPolicy(slotCount: 8, groupCount: 3, nodeCount: 2, deviceCount: 4).isHierarchical)
    }

    @Test("Slots, devices, nodes and groups that do not divide are refused")
    func impossibleSizesAreRefused() throws {
        let loads = try ExpertLoads([1, 2, 3, 4], expertCount: 4)
        #expect(throws: BalancingError.self) {
            try DeepSeekPolicy(slotCount: 7, groupCount: 1, nodeCount: 1, deviceCount: 2)
        }
        #expect(throws: BalancingError.self) {
            try DeepSeekPolicy(slotCount: 8, groupCount: 4, nodeCount: 4, deviceCount: 2)
        }
        #expect(throws: BalancingError.self) {
            try DeepSeekPolicy(slotCount: 2, groupCount: 1, nodeCount: 1, deviceCount: 2).plan(loads)
        }
        #expect(throws: BalancingError.self) {
            try DeepSeekPolicy(slotCount: 8, groupCount: 3, nodeCount: 1, deviceCount: 2).plan(loads)
        }
    }
}
