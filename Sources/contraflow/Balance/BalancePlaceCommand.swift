public import ArgumentParser
public import ExpertBalancing

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
        case table, json, svg, html, sglang, tensorrt, vllm, ascend

        var engine: Engine? { Engine(rawValue: rawValue) }
    }

    @Argument(
        help: """
            A file of loads, or - for standard input; windows are added up. Several files are workloads that share one \
            placement. Several CSVs of counts are the ranks of one run, and are added up.
            """)
    var loads: [String]

    @OptionGroup var loading: LoadOptions

    @OptionGroup(title: "Devices") var world: WorldOptions

    @Option(help: "Placement policy; deepseek gives the placement of DeepSeek's EPLB.") var policy = Policy()

    @Option(
        help: ArgumentHelp(
            "Share of the load that may leave its group's node; needs --groups.", valueName: "share"))
    var maxRemote: Double?

    @Flag(help: "Forbid two slots of one device with the same expert, even if they improve the balance.")
    var noDuplicates = false

    @Option(help: "With several workloads: minimize the longest time of the worst one (default), or the mean of all.")
    var objective: JointPolicy.Objective?

    @OptionGroup(title: "Moving from a current placement") var movement: CurrentOptions

    @Option(
        name: .customLong("format"),
        help: """
            Output format, table or by the extension of the file if omitted; sglang is the file for SGLang's --init-expert-location, tensorrt TensorRT-LLM's YAML, vllm the \
            file for vLLM's initial_expert_map_path, ascend the expert map of Ascend's engines.
            """)
    var givenFormat: Format?

    private var format: Format { output.format(givenFormat) ?? .table }

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let maxRemote, !(maxRemote >= 0 && maxRemote <= 1) {
            throw ValidationError("--max-remote is \(maxRemote): give 0 to 1")
        }
        if loads.isEmpty { throw ValidationError("no loads are given: name a file of loads") }
        if policy.description == DeepSeekPolicy.name { try checkDeepSeek() }
        if world.groups != nil, movement.isBudgeted {
            throw ValidationError(
                "--max-copies, --max-bytes, --payback and --significance move experts between nodes: omit --groups")
        }
        if maxRemote != nil, world.groups == nil || world.nodes < 2 || world.deviceSlots != nil {
            throw ValidationError(
                "--max-remote needs --groups and --nodes of at least 2, and does not support --device-slots")
        }
        if world.deviceSlots != nil, movement.current != nil || format.engine != nil {
            throw ValidationError(
                "--device-slots gives layers different numbers of slots: it does not support --current or the --format of "
                    + "an engine")
        }
    }

    private func checkDeepSeek() throws {
        if !world.isUniform || movement.isBudgeted || maxRemote != nil || noDuplicates {
            throw ValidationError(
                "--policy deepseek does not support --slots, --device-slots, --speeds, --failed, --max-copies, "
                    + "--max-bytes, --max-remote, --no-duplicates, --payback or --significance: use --policy optimal")
        }
    }

    /// Refuses options that several workloads do not support.
    private func checkWorkloads() throws {
        if policy.description == DeepSeekPolicy.name {
            throw ValidationError("--policy deepseek takes one file of loads: use --policy optimal")
        }
        if world.groups != nil || world.deviceSlots != nil || movement.isBudgeted {
            throw ValidationError(
                "several workloads do not support --groups, --device-slots, --max-copies, --max-bytes, --payback or "
                    + "--significance: give one file"
            )
        }
        if format == .svg || format == .html {
            throw ValidationError("a picture shows one workload: give one file, or another --format")
        }
    }

    func run() throws {
        let files = try loading.read(loads)
        let tables = try files.totals()
        if tables.count > 1 {
            try checkWorkloads()
        } else if objective != nil {
            throw ValidationError("--objective has no effect on one workload: give several files, or leave it out")
        }
        try format.engine?.check(world, expertCount: tables[0].expertCount)
        var request = try request(tables)
        let current = try movement.placement(for: tables[0], on: world)
        request.current = current?.placement
        let doubts = (current?.notes ?? []) + (movement.isBudgeted ? movement.copies.notes(on: files.streams) : [])
        let comparison = try PlacementComparison(request)
        let noiseNote = try movement.noiseNote(on: comparison, for: request).map { [$0] } ?? []
        let report = BalanceReport(
            comparison: comparison, workloads: tables, names: files.names,
            speeds: request.world.speeds, showsSlots: request.deviceSlots != nil,
            expertBytes: try movement.copies.bytesOfExpert(), notes: files.notes + doubts + noiseNote)
        let text =
            switch format {
            case .table: report.table()
            case .json: report.json()
            case .svg: report.svg()
            case .html: report.html()
            case .sglang: try report.text(for: .sglang)
            case .tensorrt: try report.text(for: .tensorrt)
            case .vllm: try report.text(for: .vllm)
            case .ascend: try report.text(for: .ascend)
            }
        // The other formats contain the notes.
        if format == .svg || format.engine != nil { report.notes.forEach(note) }
        try output.write(text)
    }

    private func request(_ workloads: [ExpertLoads]) throws -> PlacementRequest {
        var request = PlacementRequest(workloads, world: try world.world())
        request.policyName = policy.description
        request.groupCount = world.groups
        request.maxRemoteShare = maxRemote
        let isOptimal = policy.description != DeepSeekPolicy.name
        request.allowsDuplicates = !noDuplicates && (format != .ascend || !isOptimal)
        request.objective = objective ?? .worst
        request.deviceSlots = world.deviceSlots
        request.maxCopies = try movement.budget()
        request.payback = try movement.paybackRule()
        request.noise = movement.copies.noise
        return request
    }
}

extension JointPolicy.Objective: ExpressibleByArgument {}
