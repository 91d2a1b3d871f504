import ArgumentParser
import ExpertBalancing
import Foundation

/// Makes one placement.
struct BalancePlaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Make a placement for loads (the default).")

    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case optimal, deepseek
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, svg, html, sglang, tensorrt
    }

    @Argument(
        help: """
            Loads: JSON, .npy or CSV, "-" for standard input; windows of a stream are added up. Several files are \
            workloads that one placement is to serve.
            """)
    var loads: [String]

    @OptionGroup var world: WorldOptions

    @Option(help: "optimal, or deepseek for the placement that DeepSeek's EPLB makes.")
    var policy: Policy = .optimal

    @Option(help: "For several workloads: the worst one's longest times, or their mean, are made as short as possible.")
    var objective: Objective = .worst

    @Option(help: ArgumentHelp("The placement to start from.", valueName: "file"))
    var current: String?

    @Option(
        help:
            "Copies that may be made from --current, over all layers; without it, as many as the best placement needs.")
    var maxCopies: Int?

    @Option(
        help: ArgumentHelp(
            "Bytes that may be copied from --current, such as 20GB; needs --expert-bytes.", valueName: "size"))
    var maxBytes: String?

    @Option(
        help: "Standard deviations of a count that a load must differ by before anything moves; 0 takes all for real.")
    var significance = NoiseRule().significance

    @Option(
        help: ArgumentHelp(
            "Bytes of one expert's weights, such as 44MB, to tell the bytes that are copied.", valueName: "size"))
    var expertBytes: String?

    @Option(
        help: ArgumentHelp(
            "Copy only what pays: step seconds of the experts, steps until the next change, seconds a copy.",
            valueName: "s,n,s"))
    var payback: String?

    @Option(
        help: ArgumentHelp(
            """
            With --groups: the part of the load, 0 to 1, that may be served on another node than its group's, for more \
            balance. 0 keeps groups together, as without it.
            """, valueName: "part"))
    var maxRemote: Double?

    @Option(
        help: """
            table; json with all maps and measures; svg or html for a picture; sglang for --init-expert-location; tensorrt \
            for TensorRT-LLM's YAML.
            """)
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    enum Objective: String, ExpressibleByArgument, CaseIterable {
        case worst, mean
    }

    /// Copies that may be made: what --max-copies says or --max-bytes pays for.
    private func copyBudget() throws -> Int? {
        guard let maxBytes else { return maxCopies }
        let bytes = try ByteCount.parse(maxBytes, "--max-bytes")
        let each = try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") } ?? 0
        return min(maxCopies ?? .max, each > 0 ? bytes / each : .max)
    }

    private var isBudgeted: Bool { maxCopies != nil || maxBytes != nil || payback != nil }

    func validate() throws {
        if loads.isEmpty { throw ValidationError("give a file of loads") }
        if current == nil, isBudgeted {
            throw ValidationError("--max-copies, --max-bytes and --payback need --current, the placement to start from")
        }
        if let maxCopies, maxCopies < 0 { throw ValidationError("--max-copies is \(maxCopies): give at least 0") }
        if maxBytes != nil, expertBytes == nil {
            throw ValidationError("--max-bytes needs --expert-bytes, the size of one expert")
        }
        _ = try copyBudget()
        _ = try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") }
        if !(significance >= 0 && significance <= 1e6) {
            throw ValidationError("--significance is \(significance): give 0 to 1000000")
        }
        if policy == .deepseek, !world.isUniform || isBudgeted || maxRemote != nil || loads.count > 1 {
            throw ValidationError(
                "--policy deepseek takes one file and no --slots, --device-slots, --speeds, --failed, --max-copies, "
                    + "--max-bytes, --max-remote or --payback: leave it out")
        }
        if world.groups != nil, isBudgeted {
            throw ValidationError(
                "--max-copies, --max-bytes and --payback move experts between nodes: leave --groups out")
        }
        if let maxRemote {
            guard maxRemote >= 0, maxRemote <= 1 else {
                throw ValidationError("--max-remote is \(maxRemote): give 0 to 1")
            }
            if world.groups == nil || world.nodes < 2 || world.deviceSlots != nil {
                throw ValidationError("--max-remote needs --groups and at least 2 --nodes, and takes no --device-slots")
            }
        }
        if loads.count > 1 {
            if world.groups != nil || world.deviceSlots != nil || isBudgeted {
                throw ValidationError(
                    "several workloads take no --groups, --device-slots, --max-copies, --max-bytes or --payback: give one file"
                )
            }
            if format == .svg || format == .html {
                throw ValidationError("a picture shows one workload: give one file, or another --format")
            }
        }
        if world.deviceSlots != nil, current != nil || format == .sglang || format == .tensorrt {
            throw ValidationError(
                "--device-slots leaves slots of some layers empty: it takes no --current, and engines that want as many "
                    + "slots in every layer cannot use it")
        }
        _ = try paybackRule()
    }

    func run() throws {
        if let deviceSlots = world.deviceSlots { return try runRedundancy(deviceSlots) }
        let tables = try loads.map { try readLoads($0).total() }
        if let other = tables.first(where: {
            $0.layerCount != tables[0].layerCount || $0.expertCount != tables[0].expertCount
        }) {
            throw CommandError(
                "the workloads have \(tables[0].layerCount) layers of \(tables[0].expertCount) experts and "
                    + "\(other.layerCount) of \(other.expertCount): give tables of one shape")
        }
        let devices = try world.world()
        let old = try current.map { try readPlacement($0, tables[0], devices) }
        // Every layer's bound is told, and serves whatever placement is made.
        let judge = try OptimalPolicy(world: devices, groupCount: judgedGroups, effort: .thorough)
        let plans = try tables.map { try judge.plan($0) }
        var placement = try place(tables, plans[0], devices)
        if let old {
            if isBudgeted {
                let rebalancing = BudgetedRebalancing(
                    world: devices, maxCopies: min(try copyBudget() ?? .max, old.experts.count), noise: noise,
                    payback: try paybackRule())
                placement = try rebalancing.rebalance(old, for: tables[0])
            } else if policy == .optimal {
                placement = placement.relabelled(
                    closestTo: old, in: devices, keepsNodes: world.groups != nil)
            }
        }
        let workloads = try zip(tables, plans).enumerated().map { index, pair in
            BalanceReport.Workload(
                name: names[index], loads: pair.0, plan: pair.1,
                certificates: try judge.certify(placement, for: pair.0, plan: pair.1))
        }
        var report = BalanceReport(
            workloads: workloads, slotsPerDevice: devices.slotsPerDevice, speeds: devices.speeds,
            placement: placement, name: loads.count > 1 ? "joint, \(objective)" : policy.rawValue)
        if let old {
            report.compare(
                with: old, name: "current", certificates: try judge.certify(old, for: tables[0], plan: plans[0]),
                expertBytes: try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") })
        } else if loads.count == 1 {
            try report.compareWithNoReplicas(devices)
        }
        if let groups = world.groups, world.nodes > 1, placement.deviceCount.isMultiple(of: world.nodes),
            groups.isMultiple(of: world.nodes)
        {
            report.remoteShare = try placement.remoteShare(tables[0], groupCount: groups, nodeCount: world.nodes)
        }
        try write(report)
    }

    /// The files' names without their folders, where those tell them apart.
    private var names: [String] {
        let short = loads.map { String($0.split(separator: "/").last ?? "") }
        return Set(short).count == loads.count ? short : loads
    }

    /// The groups that no placement may part. DeepSeek's policy ignores groups that the nodes do not divide.
    private var judgedGroups: Int? {
        guard let groups = world.groups, maxRemote == nil else { return nil }
        return policy == .deepseek && !groups.isMultiple(of: world.nodes) ? nil : groups
    }

    /// Layers with different numbers of slots.
    private func runRedundancy(_ deviceSlots: Int) throws {
        let table = try readLoads(loads[0]).total()
        let speeds = try world.speedList()
        if let speeds, speeds.count != world.gpus {
            throw ValidationError("--speeds has \(speeds.count) numbers for \(world.gpus) devices: give one each")
        }
        let plan = try RedundancyPlan(
            table, deviceCount: world.gpus, deviceSlots: deviceSlots, speeds: speeds, nodeCount: world.nodes,
            groupCount: world.groups, effort: .thorough)
        var report = BalanceReport(
            workloads: [
                BalanceReport.Workload(name: loads[0], loads: table, plan: nil, certificates: plan.certificates)
            ],
            slotsPerDevice: [Int](repeating: plan.placement.slotCount / world.gpus, count: world.gpus),
            speeds: speeds ?? [Double](repeating: 1, count: world.gpus), placement: plan.placement, name: "optimal")
        report.slotsOfLayer = plan.slotsPerDevice
        let devices = try DeviceWorld(
            slotsPerDevice: [Int](repeating: 1, count: world.gpus), speeds: speeds, nodeCount: world.nodes)
        try report.compareWithNoReplicas(devices)
        try write(report)
    }

    private func write(_ report: BalanceReport) throws {
        switch format {
        case .table: try output.write(report.table())
        case .json: try output.write(report.json())
        case .svg: try output.write(report.svg())
        case .html: try output.write(report.html())
        case .sglang: try output.write(report.sglang())
        case .tensorrt: try output.write(report.tensorRT())
        }
    }

    private func place(_ tables: [ExpertLoads], _ plan: CertifiedPlan, _ devices: DeviceWorld) throws -> Placement {
        if policy == .deepseek {
            let policy = try DeepSeekPolicy(
                slotCount: world.replicas ?? 0, groupCount: world.groups ?? 1,
                nodeCount: world.groups == nil ? 1 : world.nodes, deviceCount: world.gpus)
            return try policy.plan(tables[0]).placement(deviceCount: world.gpus)
        }
        if tables.count > 1 {
            return try JointPolicy(world: devices, objective: objective == .worst ? .worst : .mean).plan(tables)
        }
        if let maxRemote, let groups = world.groups {
            return try LocalityFrontier(tables[0], world: devices, groupCount: groups)
                .placement(awayShareAtMost: maxRemote)
        }
        return plan.placement
    }

    private func readPlacement(_ path: String, _ loads: ExpertLoads, _ devices: DeviceWorld) throws -> Placement {
        let bytes = try readFile(path)
        do {
            return try Placement(
                contents: bytes, expertCount: loads.expertCount, deviceOffsets: devices.deviceOffsets,
                layerCount: loads.layerCount)
        } catch {
            throw CommandError("\(path): \(error)")
        }
    }

    private var noise: NoiseRule? { significance > 0 ? NoiseRule(significance: significance) : nil }

    private func paybackRule() throws -> PaybackRule? {
        guard let payback else { return nil }
        let parts = payback.split(separator: ",").map { Double($0) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw ValidationError("--payback is '\(payback)': give three numbers, as in 0.05,3000,0.01")
        }
        return PaybackRule(stepSeconds: parts[0], steps: parts[1], copySeconds: parts[2])
    }
}

/// The loads of a file, or of standard input for "-", its name before whatever is wrong with it.
func readLoads(_ path: String) throws -> LoadStream {
    let bytes = path == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try readFile(path)
    do {
        return try LoadStream(contents: bytes)
    } catch {
        throw CommandError("\(path): \(error)")
    }
}
