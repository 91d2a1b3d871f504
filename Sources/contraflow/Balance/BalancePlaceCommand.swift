public import ArgumentParser
public import ExpertBalancing
import Foundation

/// Makes one placement.
struct BalancePlaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Make a placement for loads (the default).")

    /// One of the library's policies, by name.
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
            Loads: JSON, .npy or CSV, "-" for standard input; windows of a stream are added up. Several files are \
            workloads that one placement is to serve.
            """)
    var loads: [String]

    @OptionGroup var world: WorldOptions

    @Option(help: "optimal, or deepseek for the placement that DeepSeek's EPLB makes.") var policy = Policy()

    @Option(help: "For several workloads: the worst one's longest times, or their mean, are made as short as possible.")
    var objective = JointPolicy.Objective.worst

    @OptionGroup var movement: CurrentOptions

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

    func validate() throws {
        if let maxRemote, !(maxRemote >= 0 && maxRemote <= 1) {
            throw ValidationError("--max-remote is \(maxRemote): give 0 to 1")
        }
        if loads.isEmpty { throw ValidationError("give a file of loads") }
        if policy.description == DeepSeekPolicy.name { try checkDeepSeek() }
        if world.groups != nil, movement.isBudgeted {
            throw ValidationError(
                "--max-copies, --max-bytes and --payback move experts between nodes: leave --groups out")
        }
        if maxRemote != nil, world.groups == nil || world.nodes < 2 || world.deviceSlots != nil {
            throw ValidationError("--max-remote needs --groups and at least 2 --nodes, and takes no --device-slots")
        }
        if loads.count > 1 { try checkWorkloads() }
        if world.deviceSlots != nil, movement.current != nil || format == .sglang || format == .tensorrt {
            throw ValidationError(
                "--device-slots leaves slots of some layers empty: it takes no --current, and engines that want as many "
                    + "slots in every layer cannot use it")
        }
    }

    private func checkDeepSeek() throws {
        if !world.isUniform || movement.isBudgeted || maxRemote != nil || loads.count > 1 {
            throw ValidationError(
                "--policy deepseek takes one file and no --slots, --device-slots, --speeds, --failed, --max-copies, "
                    + "--max-bytes, --max-remote or --payback: leave it out")
        }
    }

    private func checkWorkloads() throws {
        if world.groups != nil || world.deviceSlots != nil || movement.isBudgeted {
            throw ValidationError(
                "several workloads take no --groups, --device-slots, --max-copies, --max-bytes or --payback: give one file"
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

    /// The files' names without their folders, if those tell them apart.
    private var names: [String] {
        let short = loads.map { String($0.split(separator: "/").last ?? "") }
        return Set(short).count == loads.count ? short : loads
    }
}

extension JointPolicy.Objective: ExpressibleByArgument {}

/// The loads of a file, or of standard input for "-", its name before whatever is wrong with it.
func readLoads(_ path: String) throws -> LoadStream {
    let bytes = path == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try readFile(path)
    do {
        return try LoadStream(contents: bytes)
    } catch {
        throw CommandError("\(path): \(error)")
    }
}
