import ExpertBalancing
import TestSupport
import Testing

@Suite struct TokenSplitTests {
    /// The optimum of the linear program by its dual: the largest quotient, over all sets of devices, of the load that
    /// is only on these devices and their speed.
    private func optimum(_ placement: Placement, _ loads: [Double], _ speeds: [Double]) -> Double {
        var best = 0.0
        var hosts = [Int](repeating: 0, count: loads.count)
        for device in 0..<placement.deviceCount {
            for slot in placement.slots(ofDevice: device) where placement.experts[slot] >= 0 {
                hosts[Int(placement.experts[slot])] |= 1 << device
            }
        }
        for set in 1..<1 << placement.deviceCount {
            let confined: Double = loads.indices.reduce(0) { $0 + (hosts[$1] & ~set == 0 ? loads[$1] : 0) }
            let speed: Double = speeds.indices.reduce(0) { $0 + (set >> $1 & 1 == 1 ? speeds[$1] : 0) }
            best = max(best, confined / speed)
        }
        return best
    }

    private func check(_ split: TokenSplit, _ placement: Placement, _ loads: [Double], _ speeds: [Double]) {
        var sums = [Double](repeating: 0, count: loads.count)
        var longest = 0.0
        for device in 0..<placement.deviceCount {
            var load = 0.0
            for slot in placement.slots(ofDevice: device) {
                let tokens = split.tokensOfSlot[slot]
                #expect(tokens >= 0)
                load += tokens
                if placement.experts[slot] >= 0 { sums[Int(placement.experts[slot])] += tokens }
            }
            longest = max(longest, load / speeds[device])
        }
        for expert in loads.indices { #expect(abs(sums[expert] - loads[expert]) <= 1e-9 * (1 + loads[expert])) }
        #expect(abs(longest - split.longestTime) <= 1e-9 * longest)
    }

    @Test("Splits reach the optimum of the linear program, and whole splits the optimum of whole tokens")
    func splitsAreOptimal() throws {
        var random = SeededGenerator(21)
        for trial in 0..<150 {
            let devices = Int.random(in: 2...7, using: &random)
            let perDevice = Int.random(in: 2...4, using: &random)
            let experts = Int.random(in: 2...devices * perDevice, using: &random)
            // Any placement is allowed, also with duplicates on a device.
            let slots = (0..<devices * perDevice).map { slot in
                Int32(slot < experts ? slot : Int.random(in: 0..<experts, using: &random))
            }.shuffled(using: &random)
            let placement = try Placement(layers: [slots], expertCount: experts, deviceCount: devices)
            let loads = try random.loads(layers: 1, experts: experts).values.map { trial % 5 == 0 ? 0 : $0 }
            let speeds = (0..<devices).map { _ in trial % 2 == 0 ? 1 : Double.random(in: 0.5..<2, using: &random) }
            let best = optimum(placement, loads, speeds)
            let split = try TokenSplit(placement, layer: 0, loads: loads, speeds: speeds)
            check(split, placement, loads, speeds)
            #expect(abs(split.longestTime - best) <= 1e-9 * best, "trial \(trial)")
            let whole = try TokenSplit(placement, layer: 0, loads: loads, speeds: speeds, isWhole: true)
            check(whole, placement, loads, speeds)
            #expect(whole.tokensOfSlot.allSatisfy { $0 == $0.rounded() })
            #expect(whole.longestTime >= best * (1 - 1e-12))
            if trial % 2 == 0 { #expect(whole.longestTime == best.rounded(.up) || abs(best - best.rounded()) < 1e-6) }
        }
    }

    @Test("A split has the least longest time of a small example")
    func smallSplit() throws {
        let placement = try Placement(layers: [[0, 1, 0, 2]], expertCount: 3, deviceCount: 2)
        let split = try TokenSplit(placement, layer: 0, loads: [10, 8, 2])
        #expect(split.longestTime == 10)
        #expect(split.tokensOfSlot == [2, 8, 8, 2])
    }

    @Test("Layers, loads and speeds that do not match the placement are refused")
    func wrongParametersAreRefused() throws {
        let placement = try Placement(layers: [[0, 1]], expertCount: 2, deviceCount: 2)
        #expect(throws: BalancingError.self) { try TokenSplit(placement, layer: 1, loads: [1, 2]) }
        #expect(throws: ExpertLoadsError.self) { try TokenSplit(placement, layer: 0, loads: [1, 2, 3]) }
        #expect(throws: ExpertLoadsError.self) { try TokenSplit(placement, layer: 0, loads: [1, -2]) }
        #expect(throws: BalancingError.self) { try TokenSplit(placement, layer: 0, loads: [1, 2], speeds: [1]) }
        #expect(throws: BalancingError.self) { try TokenSplit(placement, layer: 0, loads: [1, 0.5], isWhole: true) }
    }

    @Test(
        "The best split improves an outdated placement on recorded loads",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent"))
    func splitImprovesAnOutdatedPlacement() throws {
        let old = try #require(try RecordedLoads.loads("prefill_in4096.json"))
        let new = try #require(try RecordedLoads.loads("decode_in1000out1000.json"))
        let placement = try OptimalPolicy(world: DeviceWorld(slotCount: 288, deviceCount: 32)).plan(old).placement
        var balance = 0.0
        for layer in 0..<new.layerCount {
            let split = try TokenSplit(placement, layer: layer, loads: Array(new[layer: layer]))
            balance += new.total(ofLayer: layer) / 32 / split.longestTime / Double(new.layerCount)
        }
        #expect(balance > placement.balancedness(new.values) + 0.05)
    }
}
