import ExpertBalancing
import Foundation
import TestSupport
import Testing

/// Plans and bounds if every device has two slots.
@Suite struct TwoSlotsPerDeviceTests {
    private static let files = [
        "prefill_in4096.json", "prefill_in1024.json", "prefill_in1000out1000.json", "decode_in1000out1000.json",
        "decode_in2000out100.json", "decode_in500out1500.json",
    ]

    private func gaps(_ loads: ExpertLoads, _ effort: OptimalPolicy.Effort) throws -> (mean: Double, worst: Double) {
        let world = try DeviceWorld(slotCount: 288, deviceCount: 144)
        let gaps = try OptimalPolicy(world: world, effort: effort).plan(loads).certificates.map(\.gap)
        return (gaps.reduce(0, +) / Double(gaps.count), gaps.max() ?? 0)
    }

    @Test(
        "On 144 devices, recorded loads are planned to 1.5 % of the bound in short time, and to 0.5 % in longer time",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent"), arguments: files)
    func recordedLoads(file: String) throws {
        let loads = try #require(try RecordedLoads.loads(file))
        #expect(try gaps(loads, .quick).mean <= 0.015)
        let thorough = try gaps(loads, .thorough)
        #expect(thorough.mean <= 0.005)
        #expect(thorough.worst <= 0.03)
    }

    /// Log-normal loads of 20 layers with 256 experts.
    private func logNormal(_ deviation: Double, _ random: inout SeededGenerator) throws -> ExpertLoads {
        let values = (0..<20 * 256).map { _ -> Double in
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            let normal = radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &random))
            return (1e5 * exp(deviation * normal)).rounded()
        }
        return try ExpertLoads(values, expertCount: 256)
    }

    @Test(
        "On 144 devices, generated loads are planned close to the bound, from nearly uniform to very skewed",
        arguments: [
            (0.01, 0.002, 0.001), (0.1, 0.002, 0.001), (0.3, 0.025, 0.015), (0.6, 0.015, 0.008), (0.9, 0.01, 0.004),
            (1.5, 0.002, 0.001), (2.5, 0.002, 0.001),
        ])
    func generatedLoads(deviation: Double, quick: Double, thorough: Double) throws {
        var random = SeededGenerator(41)
        let loads = try logNormal(deviation, &random)
        #expect(try gaps(loads, .quick).mean <= quick)
        #expect(try gaps(loads, .thorough).mean <= thorough)
    }

    @Test("No bound exceeds the optimum of a small layer, and most thorough plans are optimal")
    func smallLayers() throws {
        var random = SeededGenerator(42)
        var optimal = 0
        var total = 0
        for trial in 0..<600 {
            let experts = 3 + trial % 7
            let devices = (experts + 1) / 2 + trial % 3
            let deviation = [0.01, 0.1, 0.3, 0.6, 1, 2][trial % 6]
            var loads = Array(try logNormal(deviation, &random).values.prefix(experts))
            if trial % 5 == 0 { loads = loads.map { ($0 / 5e4).rounded() + 1 } }
            let best = BruteForce.pairedTime(loads, slots: 2 * devices)
            let world = try DeviceWorld(slotCount: 2 * devices, deviceCount: devices)
            for effort in OptimalPolicy.Effort.allCases {
                let plan = try OptimalPolicy(world: world, effort: effort).plan(
                    ExpertLoads(loads, expertCount: experts))
                let found = plan.certificates[0]
                #expect(found.lowerBound <= best * (1 + 1e-9), "\(loads) on \(devices)")
                #expect(found.longestTime >= best * (1 - 1e-9), "\(loads) on \(devices)")
                guard effort == .thorough else { continue }
                total += 1
                if found.longestTime <= best * (1 + 1e-9) { optimal += 1 }
            }
        }
        #expect(optimal * 100 >= total * 80, "\(optimal) of \(total)")
    }
}
