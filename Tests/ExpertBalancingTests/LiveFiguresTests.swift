import ExpertBalancing
import Foundation
import TestSupport
import Testing

/// The figures that mode live has to reach: after a change of loads, and with sampling noise alone.
@Suite struct LiveFiguresTests {
    private static let interval = 10

    /// What a run shows.
    private struct Run {
        /// The mean balance of the layers in each step.
        var balances: [Double] = []
        var copies: [Int] = []
    }

    /// Runs mode live on devices with one redundant slot each.
    private func run(
        devices: Int, from start: Placement? = nil, _ steps: [ExpertLoads],
        _ change: (inout LiveBalancer.Options) -> Void = { _ in }
    ) throws -> Run {
        let experts = steps[0].expertCount
        let world = try DeviceWorld(slotCount: experts + devices, deviceCount: devices)
        var options = LiveBalancer.Options()
        options.interval = Self.interval
        options.planningSteps = 1
        options.copiesPerStep = 8
        change(&options)
        let replay = try ModeReplay(
            LoadHistory(LoadStream(steps)), mode: .live, world: world, options: options, placement: start)
        return Run(balances: replay.steps.map(\.balance), copies: replay.steps.map(\.copies.count))
    }

    /// Checks the figures of a run whose loads change at `change`.
    private func check(_ run: Run, change: Int, slots: Int) throws {
        let steady = run.balances[2 * Self.interval..<change]
        #expect(steady.allSatisfy { $0 >= 0.95 }, "\(steady.min() ?? 0)")
        let low = try #require(run.balances[change...].lastIndex { $0 < 0.95 })
        #expect(low < change + 3 * Self.interval, "below 0.95 until step \(low)")
        let copies = run.copies[change...].reduce(0, +)
        #expect(copies > 0 && Double(copies) <= 0.05 * Double(slots), "\(copies) of \(slots) slots")
    }

    @Test(
        "After a change of recorded loads, the balance is above 0.95 within 3 intervals, by copies to 5 % of the slots",
        .enabled(if: RecordedLoads.folder != nil, "recorded loads are absent"))
    func recordedLoadsChange() throws {
        let before = try #require(try RecordedLoads.loads("decode_in1000out1000.json"))
        let after = try #require(try RecordedLoads.loads("prefill_in4096.json"))
        func some(_ loads: ExpertLoads) throws -> ExpertLoads {
            try ExpertLoads(layers: stride(from: 0, to: loads.layerCount, by: 6).map { Array(loads[layer: $0]) })
        }
        let (first, second) = try (some(before), some(after))
        let change = 5 * Self.interval
        let steps =
            [ExpertLoads](repeating: first, count: change)
            + [ExpertLoads](repeating: second, count: 6 * Self.interval)
        let run = try run(devices: 8, steps)
        #expect(run.balances[0] < 0.65)
        try check(run, change: change, slots: first.layerCount * 264)
    }

    @Test("After a change of seeded loads, the balance is above 0.95 within 3 intervals, by copies to 5 % of the slots")
    func seededLoadsChange() throws {
        var random = SeededGenerator(71)
        let first = try random.loads(layers: 4, experts: 256)
        // A quarter of the loads changes.
        let second = try ExpertLoads(
            first.values.enumerated().map { index, load in
                index.isMultiple(of: 4) ? load * Double.random(in: 0.3...1.7, using: &random) : load
            }, expertCount: 256)
        let change = 5 * Self.interval
        func steps(_ loads: ExpertLoads, _ count: Int) throws -> [ExpertLoads] {
            try (0..<count).map { _ in try random.noisy(loads, tokens: 65_536) }
        }
        let run = try run(devices: 8, steps(first, change) + steps(second, 4 * Self.interval))
        try check(run, change: change, slots: first.layerCount * 264)
    }

    @Test("Sampling noise alone makes no copy in 1,000 steps", arguments: [0.0, 1.0])
    func samplingNoiseCopiesNothing(skew: Double) throws {
        var random = SeededGenerator(72)
        let skewed = try random.loads(layers: 2, experts: 32)
        let truth = try ExpertLoads(skewed.values.map { skew * $0 + (1 - skew) * 100 }, expertCount: 32)
        let world = try DeviceWorld(slotCount: 36, deviceCount: 4)
        let start = skew == 0 ? nil : try OptimalPolicy(world: world).plan(truth).placement
        let sums = truth.cumulative
        let steps = try (0..<1000).map { _ in
            try ExpertLoads(random.counts(sums, tokens: 1024).map(Double.init), expertCount: 32)
        }
        let run = try run(devices: 4, from: start, steps)
        #expect(run.copies.allSatisfy { $0 == 0 })
    }

    @Test("From consecutive experts, skewed routing is balanced once; then sampling noise copies nothing")
    func skewedRoutingIsBalancedOnce() throws {
        var random = SeededGenerator(73)
        let sums = try random.loads(layers: 2, experts: 32).cumulative
        let steps = try (0..<1050).map { _ in
            try ExpertLoads(random.counts(sums, tokens: 4096).map(Double.init), expertCount: 32)
        }
        let run = try run(devices: 4, steps)
        #expect(run.copies[..<50].reduce(0, +) > 0 && run.copies[50...].allSatisfy { $0 == 0 })
    }
}
