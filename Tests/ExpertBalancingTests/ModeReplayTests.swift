import ExpertBalancing
import TestSupport
import Testing

@Suite struct ModeReplayTests {
    @Test("Off is the contiguous balance, static knows all loads, and live follows a change of loads")
    func modesAreCompared() throws {
        var random = SeededGenerator(81)
        let first = try random.loads(layers: 2, experts: 32)
        let second = try random.loads(layers: 2, experts: 32)
        let history = LoadHistory(
            try LoadStream([ExpertLoads](repeating: first, count: 30) + [ExpertLoads](repeating: second, count: 30)))
        let world = try DeviceWorld(slotCount: 36, deviceCount: 4)
        var options = LiveBalancer.Options()
        options.interval = 10
        let replays = try BalancingMode.allCases.map {
            try ModeReplay(history, mode: $0, world: world, options: options)
        }
        let means = replays.map(\.summary.mean)
        #expect(replays.map(\.mode) == [.off, .static, .live])
        // The placement of mode static knows the loads of the whole history.
        #expect(means[0] < means[2] && means[2] < means[1] && means[2] > 0.9)
        #expect(replays[0].copies == 0 && replays[1].copies == 0 && replays[2].copies > 0)
        let plain = try Placement(
            contiguousLayers: 2, expertCount: 32, world: DeviceWorld(slotCount: 32, deviceCount: 4))
        #expect(abs(replays[0].steps[0].balance - plain.balancedness(first.values)) < 1e-12)
        let size = ExpertBytes(weights: 1, state: 100)
        #expect(replays[2].bytes(size) <= replays[2].copies + 100 * replays[2].ownerMoves)
        #expect(replays[2].ownerMoves > 0 && replays[0].bytes(size) == 0)
        // A given placement is that of mode static, and where mode live starts.
        let best = try OptimalPolicy(world: world).plan(first).placement
        let given = try [BalancingMode.static, .live].map {
            try ModeReplay(history, mode: $0, world: world, options: options, placement: best)
        }
        #expect(given.allSatisfy { $0.steps[0].balance > 0.98 } && given[1].summary.mean > given[0].summary.mean)
        #expect(throws: BalancingError.self) {
            try ModeReplay(history, mode: .static, world: world, options: options, placement: plain)
        }
    }

    @Test("A step's balance counts the longest device of every micro-batch") func microBatchesCount() throws {
        var writer = LoadHistoryWriter(layerCount: 1, expertCount: 2)
        var file = try writer.append(step: 1, microBatches: [[[30, 10]], [[0, 20]]]).bytes
        let divided = try #require(try LoadFile(contents: file).history)
        writer = LoadHistoryWriter(layerCount: 1, expertCount: 2)
        file = try writer.append(step: 1, loads: [30, 30]).bytes
        let whole = try #require(try LoadFile(contents: file).history)
        let world = try DeviceWorld(slotCount: 2, deviceCount: 2)
        func balance(_ history: LoadHistory) throws -> Double {
            try ModeReplay(history, mode: .off, world: world, options: LiveBalancer.Options()).summary.mean
        }
        #expect(try balance(whole) == 1)
        // The means are 20 and 10, the longest 30 and 20.
        #expect(abs(try balance(divided) - 0.6) < 1e-12)
    }

    @Test("A summary has the mean and the percentiles by rank") func summaries() {
        let summary = BalanceSummary((1...100).map { Double($0) / 100 }.shuffled())
        #expect(abs(summary.mean - 0.505) < 1e-12 && summary.p50 == 0.5 && summary.p5 == 0.05 && summary.min == 0.01)
        #expect(BalanceSummary([0.4]).p5 == 0.4 && BalanceSummary([]).mean == 1 && BalanceSummary([]).min == 1)
    }
}
