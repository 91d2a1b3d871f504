public import ArgumentParser
public import ExpertBalancing
import Foundation

/// Computes one placement.
struct BalancePlaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Compute a placement for loads.",
        discussion: """
            Examples:
              contraflow balance loads.json --replicas 288 --gpus 32
              contraflow balance loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8 --max-remote 0.1
              contraflow balance loads.json --replicas 288 --gpus 32 --format json -o plan.json
              contraflow balance new.json --replicas 288 --gpus 32 --current plan.json --max-copies 800
              contraflow balance loads.json --replicas 288 --gpus 32 --format svg -o balance.svg
              contraflow balance loads.npy --replicas 280 --gpus 32 --failed 5
              contraflow balance loads.json --device-slots 540 --gpus 32
              contraflow balance prefill.json decode.json --replicas 288 --gpus 32 --objective worst
            """)

    /// A placement policy, by its name.
    struct Policy: ExpressibleByArgument, CustomStringConvertible {
        var description = OptimalPolicy.name

        init() {}

        init?(argument: String) {
            guard Self.allValueStrings.contains(argument) else { return nil }
            description = argument
        }

        static var allValueStrings: [String] { PlacementRequest.policyNames }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, svg, html, sglang, tensorrt
    }

    @Argument(
        help: """
            A file of loads, or - for standard input; windows are added up. Several files are workloads that share one \
            placement.
            """)
    var loads: [String]

    @OptionGroup(title: "Devices") var world: WorldOptions

    @Option(help: "Placement policy; deepseek gives the placement of DeepSeek's EPLB.") var policy = Policy()

    @Option(
        help: ArgumentHelp(
            "Share of the load that may leave its group's node; needs --groups.", valueName: "share"))
    var maxRemote: Double?

    @Option(help: "With several workloads: minimize the longest time of the worst one, or the mean of all.")
    var objective = JointPolicy.Objective.worst

    @OptionGroup(title: "Moving from a current placement") var movement: CurrentOptions

    @Option(
        help: "Output format; sglang is the file for SGLang's --init-expert-location, tensorrt TensorRT-LLM's YAML.")
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let maxRemote, !(maxRemote >= 0 && maxRemote <= 1) {
            throw ValidationError("--max-remote is \(maxRemote): give 0 to 1")
        }
        if loads.isEmpty { throw ValidationError("no loads are given: name a file of loads") }
        if policy.description == DeepSeekPolicy.name { try checkDeepSeek() }
        if world.groups != nil, movement.isBudgeted {
            throw ValidationError(
                "--max-copies, --max-bytes and --payback move experts between nodes: omit --groups")
        }
        if maxRemote != nil, world.groups == nil || world.nodes < 2 || world.deviceSlots != nil {
            throw ValidationError(
                "--max-remote needs --groups and --nodes of at least 2, and does not support --device-slots")
        }
        if loads.count > 1 { try checkWorkloads() }
        if world.deviceSlots != nil, movement.current != nil || format == .sglang || format == .tensorrt {
            throw ValidationError(
                "--device-slots gives layers different numbers of slots: it does not support --current, --format "
                    + "sglang or --format tensorrt")
        }
    }

    private func checkDeepSeek() throws {
        if !world.isUniform || movement.isBudgeted || maxRemote != nil || loads.count > 1 {
            throw ValidationError(
                "--policy deepseek takes one file, and does not support --slots, --device-slots, --speeds, --failed, "
                    + "--max-copies, --max-bytes, --max-remote or --payback: use --policy optimal")
        }
    }

    private func checkWorkloads() throws {
        if world.groups != nil || world.deviceSlots != nil || movement.isBudgeted {
            throw ValidationError(
                "several workloads do not support --groups, --device-slots, --max-copies, --max-bytes or --payback: "
                    + "give one file"
            )
        }
        if format == .svg || format == .html {
            throw ValidationError("a picture shows one workload: give one file, or another --format")
        }
    }

    func run() throws {
        let request = try request()
        let report = BalanceReport(
            comparison: try PlacementComparison(request), workloads: request.workloads, names: names,
            speeds: request.world.speeds, showsSlots: request.deviceSlots != nil,
            expertBytes: try movement.copies.bytesOfExpert())
        let text =
            switch format {
            case .table: report.table()
            case .json: report.json()
            case .svg: report.svg()
            case .html: report.html()
            case .sglang: report.sglang()
            case .tensorrt: report.tensorRT()
            }
        try output.write(text)
    }

    private func request() throws -> PlacementRequest {
        let tables = try loads.map { try readLoads($0).total() }
        var request = PlacementRequest(tables, world: try world.world())
        request.policyName = policy.description
        request.groupCount = world.groups
        request.maxRemoteShare = maxRemote
        request.objective = objective
        request.deviceSlots = world.deviceSlots
        request.current = try movement.placement(for: tables[0], on: request.world)
        request.maxCopies = try movement.copies.budget()
        request.payback = try movement.paybackRule()
        request.noise = movement.copies.noise
        return request
    }

    /// The names of the files without their folders, or the paths if two names are equal.
    private var names: [String] {
        let short = loads.map { String($0.split(separator: "/").last ?? "") }
        return Set(short).count == loads.count ? short : loads
    }
}

extension JointPolicy.Objective: ExpressibleByArgument {}

/// Reads the loads in a file, or in standard input for "-". Errors begin with the name of the file.
func readLoads(_ path: String) throws -> LoadStream {
    let bytes = path == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try readFile(path)
    do {
        return try LoadStream(contents: bytes)
    } catch {
        throw CommandError("\(path): \(error)")
    }
}
