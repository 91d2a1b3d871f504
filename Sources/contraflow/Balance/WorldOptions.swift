import ArgumentParser
import ExpertBalancing

/// The options that describe the devices and their slots.
struct WorldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Expert slots per layer, over all devices.", valueName: "n")) var replicas: Int?

    @Option(help: ArgumentHelp("Number of devices.", valueName: "n")) var gpus: Int

    @Option(
        name: .customLong("nodes"),
        help: ArgumentHelp("Number of nodes, with the same number of devices each; needs --groups.", valueName: "n"))
    var givenNodes: Int?

    @Option(
        help: ArgumentHelp(
            "Number of expert groups, each kept on one node; needs --nodes.", valueName: "n"))
    var groups: Int?

    @Option(help: ArgumentHelp("Slots per layer on each device, instead of --replicas.", valueName: "n,n,…"))
    var slots: String?

    @Option(
        help: ArgumentHelp(
            "Slots per device over all layers, instead of --replicas.", valueName: "n"))
    var deviceSlots: Int?

    @Option(help: ArgumentHelp("Relative speed of each device.", valueName: "x,x,…"))
    var speeds: String?

    @Option(help: ArgumentHelp("Indices of failed devices, which get no expert.", valueName: "i,i,…"))
    var failed: [String] = []

    func validate() throws {
        if gpus < 1 { throw ValidationError("--gpus is \(gpus): give at least 1") }
        if gpus > 1 << 16 { throw ValidationError("--gpus is \(gpus): give at most \(1 << 16)") }
        if [replicas != nil, slots != nil, deviceSlots != nil].count(where: { $0 }) != 1 {
            throw ValidationError("give one of --replicas, --slots and --device-slots")
        }
        if let deviceSlots {
            guard (1...1 << 24).contains(deviceSlots) else {
                throw ValidationError("--device-slots is \(deviceSlots): give 1 to \(1 << 24)")
            }
            if !failed.isEmpty {
                throw ValidationError(
                    "--device-slots does not support --failed: give --gpus without the failed devices")
            }
        }
        if let replicas, replicas < 1 || replicas > 1 << 16 {
            throw ValidationError("--replicas is \(replicas): give 1 to \(1 << 16)")
        }
        if nodes < 1 { throw ValidationError("--nodes is \(nodes): give at least 1") }
        if let groups, groups < 1 { throw ValidationError("--groups is \(groups): give at least 1") }
        if nodes > 1, groups == nil {
            throw ValidationError("--nodes \(nodes) has no effect without --groups: give the number of expert groups")
        }
        if let groups, groups > 1, givenNodes == nil {
            throw ValidationError("--groups \(groups) has no effect without --nodes: give the number of nodes")
        }
        _ = try slotCounts()
        _ = try speedList()
    }

    /// The number of nodes.
    var nodes: Int { givenNodes ?? 1 }

    /// Whether all devices are equal, as the `deepseek` policy requires.
    var isUniform: Bool { replicas != nil && speeds == nil && failed.isEmpty }

    /// Returns the devices with their slots.
    func world() throws -> DeviceWorld {
        try DeviceWorld(slotsPerDevice: try slotCounts(), speeds: try speedList(), nodeCount: nodes)
    }

    /// Returns the devices before any failure, which have `slotCount` slots if devices have failed and `--slots` does
    /// not say otherwise.
    func worldBeforeFailure(slotCount: Int) throws -> DeviceWorld {
        var options = self
        options.failed = []
        if !failed.isEmpty, slots == nil { options.replicas = slotCount }
        return try options.world()
    }

    /// Returns the slots of each device. If the slots do not divide evenly, the first devices get one more each.
    private func slotCounts() throws -> [Int] {
        let failedDevices = try failed.flatMap { try list($0, "--failed", Int.init) }
        if let device = failedDevices.first(where: { !(0..<gpus).contains($0) }) {
            throw ValidationError("--failed names device \(device), but devices are 0 to \(gpus - 1)")
        }
        var counts: [Int]
        if deviceSlots != nil {
            // The policy chooses the number of slots of each layer.
            counts = [Int](repeating: 1, count: gpus)
        } else if let slots {
            counts = try list(slots, "--slots", Int.init)
            guard counts.count == gpus else {
                throw ValidationError("--slots has \(counts.count) numbers for \(gpus) devices: give one per device")
            }
            guard counts.allSatisfy({ (0...1 << 16).contains($0) }), counts.reduce(0, +) <= 1 << 16 else {
                throw ValidationError("--slots is \(slots.prefix(40)): give at most \(1 << 16) slots in total")
            }
            for device in failedDevices { counts[device] = 0 }
        } else {
            let living = (0..<gpus).filter { !failedDevices.contains($0) }
            guard !living.isEmpty else { throw ValidationError("--failed names every device: leave at least one") }
            counts = [Int](repeating: 0, count: gpus)
            for (index, device) in living.enumerated() {
                counts[device] = (replicas ?? 0) / living.count + (index < (replicas ?? 0) % living.count ? 1 : 0)
            }
        }
        return counts
    }

    private func speedList() throws -> [Double]? { try speeds.map { try list($0, "--speeds", Double.init) } }

    private func list<Value>(_ text: String, _ name: String, _ parse: (String) -> Value?) throws -> [Value] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = parse(String(part)) else {
                throw ValidationError("\(name): '\(part)' is not a number: separate the numbers by commas")
            }
            return value
        }
    }
}
