import ArgumentParser
import ExpertBalancing

/// Makes one placement.
struct BalancePlaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Make a placement for loads (the default).")

    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case optimal, deepseek
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, sglang, tensorrt
    }

    @Argument(help: "Loads: JSON, .npy or CSV; windows of a stream are added up.")
    var loads: String

    @OptionGroup var world: WorldOptions

    @Option(help: "optimal, or deepseek for the placement that DeepSeek's EPLB makes.")
    var policy: Policy = .optimal

    @Option(help: ArgumentHelp("The placement to start from.", valueName: "file"))
    var current: String?

    @Option(
        help:
            "Copies that may be made from --current, over all layers; without it, as many as the best placement needs.")
    var maxCopies: Int?

    @Option(
        help: "Standard deviations of a count that a load must differ by before anything moves; 0 takes all for real.")
    var significance = NoiseRule().significance

    @Option(help: "Bytes of one expert's weights, to tell the bytes that are copied.")
    var expertBytes: Int?

    @Option(
        help: ArgumentHelp(
            "Copy only what pays: step seconds of the experts, steps until the next change, seconds a copy.",
            valueName: "s,n,s"))
    var payback: String?

    @Option(
        help: """
            table; json with all maps and measures; sglang for --init-expert-location; tensorrt for TensorRT-LLM's YAML.
            """)
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if current == nil, maxCopies != nil || payback != nil {
            throw ValidationError("--max-copies and --payback need --current, the placement to start from")
        }
        if let maxCopies, maxCopies < 0 { throw ValidationError("--max-copies is \(maxCopies): give at least 0") }
        if !(significance >= 0 && significance <= 1e6) {
            throw ValidationError("--significance is \(significance): give 0 to 1000000")
        }
        if let expertBytes, expertBytes < 0 || expertBytes > 1 << 40 {
            throw ValidationError("--expert-bytes is \(expertBytes): give 0 to \(1 << 40)")
        }
        if policy == .deepseek, !world.isUniform || maxCopies != nil || payback != nil {
            throw ValidationError(
                "--policy deepseek takes no --slots, --speeds, --failed, --max-copies or --payback: leave it out")
        }
        if world.groups != nil, maxCopies != nil || payback != nil {
            throw ValidationError("--max-copies and --payback move experts between nodes: leave --groups out")
        }
    }

    func run() throws {
        let table = try readLoads(loads).total()
        let devices = try world.world()
        let old = try current.map { try readPlacement($0, table, devices) }
        var plan = try place(table, devices)
        if let old {
            if maxCopies != nil || payback != nil {
                let rebalancing = BudgetedRebalancing(
                    world: devices, maxCopies: maxCopies ?? old.experts.count, noise: noise,
                    payback: try paybackRule())
                plan = try rebalancing.rebalance(old, for: table)
            } else if policy == .optimal {
                plan = plan.relabelled(closestTo: old, in: devices, keepsNodes: world.groups != nil)
            }
        }
        let report = try BalanceReport(
            loads: table, world: devices, groupCount: world.groups, placement: plan, current: old,
            policy: policy.rawValue, expertBytes: expertBytes)
        switch format {
        case .table: try output.write(report.table())
        case .json: try output.write(report.json())
        case .sglang: try output.write(report.sglang())
        case .tensorrt: try output.write(report.tensorRT())
        }
    }

    private func place(_ loads: ExpertLoads, _ devices: DeviceWorld) throws -> Placement {
        switch policy {
        case .optimal:
            return try OptimalPolicy(world: devices, groupCount: world.groups).plan(loads).placement
        case .deepseek:
            let policy = try DeepSeekPolicy(
                slotCount: world.replicas ?? 0, groupCount: world.groups ?? 1,
                nodeCount: world.groups == nil ? 1 : world.nodes, deviceCount: world.gpus)
            return try policy.plan(loads).placement(deviceCount: world.gpus)
        }
    }

    private func readPlacement(_ path: String, _ loads: ExpertLoads, _ devices: DeviceWorld) throws -> Placement {
        let bytes = try readFile(path)
        do {
            return try Placement(
                contents: bytes, expertCount: loads.expertCount, deviceOffsets: devices.deviceOffsets,
                layerCount: loads.layerCount)
        } catch {
            throw CommandFailure("\(path): \(error)")
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

/// The loads of a file, its name before whatever is wrong with it.
func readLoads(_ path: String) throws -> LoadStream {
    let bytes = try readFile(path)
    do {
        return try LoadStream(contents: bytes)
    } catch {
        throw CommandFailure("\(path): \(error)")
    }
}
