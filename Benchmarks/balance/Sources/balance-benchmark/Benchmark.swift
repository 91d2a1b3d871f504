import ExpertBalancing
import Foundation

/// Prints one Markdown table per part. Every time is a median of several runs.
@main
struct Benchmark {
    static func main() throws {
        var workloads: [(name: String, loads: ExpertLoads)] = [("generated", try generated(seed: 1))]
        let names = [
            "prefill_in4096", "prefill_in1024", "prefill_in1000out1000", "decode_in1000out1000",
            "decode_in2000out100", "decode_in500out1500",
        ]
        for name in names {
            if let loads = try recorded("\(name).json") { workloads.append((name, loads)) }
        }
        if workloads.count == 1 { print("there are no recorded loads: only generated loads are measured\n") }
        // Without arguments every part is measured, otherwise only the named parts.
        let parts = Set(CommandLine.arguments.dropFirst())
        func isWanted(_ part: String) -> Bool { parts.isEmpty || parts.contains(part) }
        if isWanted("policies") { try policies(workloads) }
        if isWanted("pairs") { try pairs(workloads) }
        if isWanted("migrations") { try migrations(10_000) }
        if isWanted("movement") { try movement(workloads) }
        if isWanted("incremental") { try incremental(workloads) }
        if isWanted("joint") { try joint(workloads) }
        if isWanted("frontier") { try frontier(workloads) }
        if isWanted("splits") { try splits(workloads) }
        if isWanted("scale") { try scale() }
        if isWanted("guarantees") { try guarantees() }
        if isWanted("replay") { try replay() }
    }

    /// Returns loads with a long tail from a fixed seed; by default, 58 layers of 256 experts.
    private static func generated(
        seed: UInt64, layers: Int = 58, experts: Int = 256
    ) throws -> ExpertLoads {
        var state = seed
        func uniform() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
            return Double((bits ^ bits >> 31) >> 11) / Double(1 << 53)
        }
        let values = (0..<layers * experts).map { _ -> Double in
            // Recorded loads are nearly log-normal.
            let angle = 2 * Double.pi * uniform()
            let radius = (-2 * log(1 - uniform())).squareRoot()
            return (10_000 * exp(0.9 * radius * cos(angle))).rounded()
        }
        return try ExpertLoads(values, expertCount: experts)
    }

    private static func data(_ name: String) -> URL? {
        guard let folder = ProcessInfo.processInfo.environment["CONTRAFLOW_DATA"] else { return nil }
        let url = URL(filePath: folder).appending(path: "expert-load/\(name)")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    private static func recorded(_ name: String) throws -> ExpertLoads? {
        guard let url = data(name) else { return nil }
        let total = try LoadStream(contents: [UInt8](try Data(contentsOf: url))).total()
        return try ExpertLoads(
            layers: (0..<total.layerCount).filter { total.total(ofLayer: $0) > 0 }.map { Array(total[layer: $0]) })
    }

    /// Returns the median time of `runs` runs in milliseconds.
    static func median(_ runs: Int, _ body: () throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            let time = (ContinuousClock.now - start).components
            times.append(Double(time.seconds) * 1e3 + Double(time.attoseconds) * 1e-15)
        }
        return times.sorted()[runs / 2]
    }

    static func row(_ cells: [String]) { print("| " + cells.joined(separator: " | ") + " |") }

    static func header(_ cells: [String]) {
        row(cells)
        row(cells.map { _ in "---" })
    }

    static func text(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

    private static func policies(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        header(["loads", "policy", "slots", "devices", "nodes", "ms", "balance", "bound", "gap %", "duplicates"])
        let sizes = [(288, 32, 4), (288, 32, 1), (288, 72, 1), (288, 144, 1), (320, 320, 1)]
        for (name, loads) in workloads {
            for (slots, devices, nodes) in sizes {
                let deepSeek = try DeepSeekPolicy(
                    slotCount: slots, groupCount: nodes == 1 ? 1 : 8, nodeCount: nodes, deviceCount: devices)
                var time = try median(31) { _ = try deepSeek.plan(loads) }
                let placement = try deepSeek.plan(loads).placement(deviceCount: devices)
                row([
                    name, "deepseek", "\(slots)", "\(devices)", "\(nodes)", text(time, 2),
                    text(placement.balancedness(loads.values), 4), "", "", "\(placement.duplicateCount)",
                ])
                let world = try DeviceWorld(slotCount: slots, deviceCount: devices, nodeCount: nodes)
                // A thorough plan differs from a quick plan only if every device has two slots.
                for effort in slots == 2 * devices ? OptimalPolicy.Effort.allCases : [.quick] {
                    let optimal = try OptimalPolicy(
                        world: world, groupCount: nodes == 1 ? nil : 8, effort: effort)
                    time = try median(effort == .quick ? 11 : 3) { _ = try optimal.plan(loads) }
                    let plan = try optimal.plan(loads)
                    let gap = plan.certificates.reduce(0) { $0 + $1.gap } / Double(plan.certificates.count)
                    row([
                        name, effort == .quick ? "optimal" : "optimal, thorough", "\(slots)", "\(devices)", "\(nodes)",
                        text(time, 2), text(plan.balance, 4), text(plan.balanceBound, 4), text(100 * gap, 2),
                        "\(plan.placement.duplicateCount)",
                    ])
                }
            }
        }
        print("")
    }

    private static func movement(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        let pairs = workloads.count > 1 ? Array(workloads.dropFirst()) : []
        guard !pairs.isEmpty else { return }
        let world = try DeviceWorld(slotCount: 288, deviceCount: 32)
        header(["from", "to", "stale", "5 % of slots", "copied %", "12 % of slots", "copied %", "ms"])
        var columns: [[Double]] = [[], [], [], [], [], []]
        for (from, old) in pairs {
            let plan = try OptimalPolicy(world: world).plan(old).placement
            for (to, loads) in pairs where to != from {
                var figures = [plan.balancedness(loads.values)]
                var time = 0.0
                for percent in [5, 12] {
                    let budget = BudgetedRebalancing(world: world, maxCopies: plan.experts.count * percent / 100)
                    var new = plan
                    time = try median(1) { new = try budget.rebalance(plan, for: loads) }
                    let copies = MigrationPlan(from: plan, to: new).copies.count
                    figures += [new.balancedness(loads.values), 100 * Double(copies) / Double(plan.experts.count)]
                }
                figures.append(time)
                for index in figures.indices { columns[index].append(figures[index]) }
                row([from, to] + figures.map { text($0, 3) })
            }
        }
        row(["median", ""] + columns.map { text($0.sorted()[$0.count / 2], 3) })
        print("")
    }

    /// Replans one layer after the other from a plan for other loads, as a live balancer would.
    private static func incremental(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        header(["from", "to", "devices", "goal", "stale", "balance", "new plan", "copied %", "µs per layer"])
        for devices in [32, 72] {
            for (old, new) in zip(workloads.dropFirst(), workloads.dropFirst(2)) {
                let world = try DeviceWorld(slotCount: 288, deviceCount: devices)
                let start = try OptimalPolicy(world: world).plan(old.loads).placement
                let rows = (0..<start.layerCount).map { Array(start.experts(ofLayer: $0)) }
                for goal in [0.95, 0.99, 0.9995] {
                    var planner = try IncrementalPlanner(world: world, expertCount: start.expertCount)
                    var experts: [Int32] = []
                    let time = try median(11) {
                        experts.removeAll(keepingCapacity: true)
                        for (layer, row) in rows.enumerated() {
                            var slots = row
                            _ = try planner.replan(&slots, for: new.loads[layer: layer], goal: goal)
                            experts += slots
                        }
                    }
                    let plan = try Placement(
                        experts: experts, expertCount: start.expertCount, deviceOffsets: world.deviceOffsets)
                    let copies = MigrationPlan(from: start, to: plan).copies.count
                    row([
                        old.name, new.name, "\(devices)", "\(goal)", text(start.balancedness(new.loads.values), 4),
                        text(plan.balancedness(new.loads.values), 4),
                        text(try OptimalPolicy(world: world).plan(new.loads).balance, 4),
                        text(100 * Double(copies) / Double(experts.count), 1),
                        text(1000 * time / Double(rows.count), 1),
                    ])
                }
            }
        }
        print("")
    }

    /// Plans one placement for four workloads.
    private static func joint(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        let four = workloads.dropFirst().prefix(4).map(\.loads)
        guard four.count == 4 else { return }
        header(["placement for", "devices", "worst balance", "mean balance", "ms"])
        let world = try DeviceWorld(slotCount: 288, deviceCount: 32)
        func report(_ name: String, _ plan: () throws -> Placement) throws {
            var placement = try plan()
            let time = try median(1) { placement = try plan() }
            let balances = four.map { placement.balancedness($0.values) }
            row([
                name, "32", text(balances.min() ?? 0, 4), text(balances.reduce(0, +) / 4, 4), text(time, 0),
            ])
        }
        try report("the sum of loads") {
            try OptimalPolicy(world: world).plan(LoadStream(four).total()).placement
        }
        for objective in JointPolicy.Objective.allCases {
            try report("all, \(objective.rawValue)") {
                try JointPolicy(world: world, objective: objective).placement(for: four)
            }
        }
        print("")
    }

    /// Measures the trade-off between balance and the share of load served outside of its group's node.
    private static func frontier(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        header(["loads", "remote %", "balance", "ms"])
        let world = try DeviceWorld(slotCount: 288, deviceCount: 32, nodeCount: 4)
        for (name, loads) in workloads.prefix(2) {
            var frontier: LocalityFrontier?
            let time = try median(1) { frontier = try LocalityFrontier(loads, world: world, groupCount: 8) }
            for point in frontier?.samples(9) ?? [] {
                row([name, text(100 * point.remoteShare, 1), text(point.balance, 4), text(time, 0)])
            }
        }
        print("")
    }

    private static func splits(_ workloads: [(name: String, loads: ExpertLoads)]) throws {
        header(["placement for", "tokens of", "equal shares", "best split", "µs per layer"])
        let world = try DeviceWorld(slotCount: 288, deviceCount: 32)
        for (from, to) in zip(workloads, workloads.dropFirst()) {
            let placement = try OptimalPolicy(world: world).plan(from.loads).placement
            let loads = to.loads
            var balance = 0.0
            let time = try median(11) {
                balance = 0
                for layer in 0..<loads.layerCount {
                    let split = try TokenSplit(placement, layer: layer, loads: Array(loads[layer: layer]))
                    balance += loads.total(ofLayer: layer) / 32 / split.longestTime / Double(loads.layerCount)
                }
            }
            row([
                from.name, to.name, text(placement.balancedness(loads.values), 4), text(balance, 4),
                text(1000 * time / Double(loads.layerCount), 1),
            ])
        }
        print("")
    }

    private static func scale() throws {
        header(["layers", "experts", "slots", "devices", "policy", "ms", "µs / (slots log slots)", "balance", "bound"])
        for (experts, slots, devices) in [(256, 512, 128), (512, 1024, 256), (1024, 2048, 512), (2048, 4096, 1024)] {
            let loads = try generated(seed: 2, layers: 61, experts: experts)
            let optimal = try OptimalPolicy(world: DeviceWorld(slotCount: slots, deviceCount: devices))
            var balance = 0.0
            var bound = 0.0
            let time = try median(3) {
                let plan = try optimal.plan(loads)
                balance = plan.balance
                bound = plan.balanceBound
            }
            row([
                "61", "\(experts)", "\(slots)", "\(devices)", "optimal", text(time, 0),
                text(1000 * time / (61 * Double(slots) * log2(Double(slots))), 3), text(balance, 4),
                text(bound, 4),
            ])
        }
        print("")
    }

    /// Replays the recorded stream of loads, which gzip decompresses.
    private static func replay() throws {
        guard let url = data("smartmoe_16x32_by_iteration.csv.gz") else { return }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", url.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let stream = try LoadStream(contents: [UInt8](pipe.fileHandleForReading.readDataToEndOfFile()))
        process.waitUntilExit()
        let world = try DeviceWorld(slotCount: 40, deviceCount: 8)
        header([
            "forecast", "copies", "back-tests", "token sharing", "balance", "oracle", "regret %", "foresight",
            "regret %", "copied % per window", "s",
        ])
        let settings: [(forecast: String, maxCopies: Int, backtests: Int)] = [
            ("last", 48, 0), ("exponential-0.5", 48, 0), ("exponential-0.5", 48, 4), ("back-test", 48, 4),
            ("exponential-0.5", 96, 4),
        ]
        for (sharing, setting) in LoadReplay.TokenSharing.allCases.flatMap({ sharing in settings.map { (sharing, $0) } }
        ) {
            var result: LoadReplay?
            let options = LoadReplay.Options(
                forecast: Forecast(setting.forecast), maxCopies: setting.maxCopies, noise: nil, sharing: sharing,
                backtests: setting.backtests)
            let time = try median(1) { result = try LoadReplay(stream, world: world, options: options) }
            guard let result else { continue }
            row([
                setting.forecast, "\(setting.maxCopies)", "\(setting.backtests)", sharing.rawValue,
                text(result.balance, 4), text(result.oracleBalance, 4),
                text(100 * result.regret, 2), text(result.foresightBalance, 4), text(100 * result.forecastRegret, 2),
                text(100 * result.copiedShare, 2), text(time / 1000, 1),
            ])
        }
    }
}
