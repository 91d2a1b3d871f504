import ArgumentParser
import ExpertBalancing

/// The devices that a user describes.
struct WorldOptions: ParsableArguments {
    @Option(help: "Slots of a layer, over all devices.") var replicas: Int?

    @Option(help: "Devices.") var gpus: Int

    @Option(help: "Nodes of as many devices each.") var nodes = 1

    @Option(help: "Groups of experts, each to stay on one node; without it, experts live anywhere.") var groups: Int?

    @Option(help: ArgumentHelp("Slots of each device, instead of --replicas.", valueName: "n,n,…"))
    var slots: String?

    @Option(
        help:
            "Slots of each device, all layers together, instead of --replicas: layers that gain the most get the most.")
    var deviceSlots: Int?

    @Option(help: ArgumentHelp("Speed of each device, relative to the others.", valueName: "x,x,…"))
    var speeds: String?

    @Option(help: ArgumentHelp("Devices that have failed: they get no expert.", valueName: "i,i,…"))
    var failed: String?

    func validate() throws {
        if gpus < 1 { throw ValidationError("--gpus is \(gpus): give at least 1") }
        if gpus > 1 << 20 { throw ValidationError("--gpus is \(gpus): give at most \(1 << 20)") }
        if [replicas != nil, slots != nil, deviceSlots != nil].count(where: { $0 }) != 1 {
            throw ValidationError("give one of --replicas, --slots and --device-slots")
        }
        if let deviceSlots {
            guard (1...1 << 24).contains(deviceSlots) else {
                throw ValidationError("--device-slots is \(deviceSlots): give 1 to \(1 << 24)")
            }
            if failed != nil { throw ValidationError("--device-slots takes no --failed: give --gpus without them") }
        }
        if let replicas, replicas < 1 || replicas > 1 << 24 {
            throw ValidationError("--replicas is \(replicas): give 1 to \(1 << 24)")
        }
        if nodes < 1 { throw ValidationError("--nodes is \(nodes): give at least 1") }
        if let groups, groups < 1 { throw ValidationError("--groups is \(groups): give at least 1") }
    }

    /// Whether every device is like every other, as the `deepseek` policy needs.
    var isUniform: Bool { replicas != nil && speeds == nil && failed == nil }

    /// The world; if the devices do not divide the slots, the first ones get one more each.
    func world() throws -> DeviceWorld {
        let failedDevices = try failed.map { try list($0, "--failed", Int.init) } ?? []
        if let device = failedDevices.first(where: { !(0..<gpus).contains($0) }) {
            throw ValidationError("--failed names device \(device), but devices are 0 to \(gpus - 1)")
        }
        var counts: [Int]
        if deviceSlots != nil {
            // A policy chooses how many slots each layer gets.
            counts = [Int](repeating: 1, count: gpus)
        } else if let slots {
            counts = try list(slots, "--slots", Int.init)
            guard counts.count == gpus else {
                throw ValidationError("--slots has \(counts.count) numbers for \(gpus) devices: give one each")
            }
            for device in failedDevices { counts[device] = 0 }
        } else {
            let living = (0..<gpus).filter { !failedDevices.contains($0) }
            guard !living.isEmpty else { throw ValidationError("--failed names every device: leave one") }
            counts = [Int](repeating: 0, count: gpus)
            for (index, device) in living.enumerated() {
                counts[device] = (replicas ?? 0) / living.count + (index < (replicas ?? 0) % living.count ? 1 : 0)
            }
        }
        let speeds = try speeds.map { try list($0, "--speeds", Double.init) }
        return try DeviceWorld(slotsPerDevice: counts, speeds: speeds, nodeCount: nodes)
    }

    private func list<Value>(_ text: String, _ name: String, _ parse: (String) -> Value?) throws -> [Value] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = parse(String(part)) else {
                throw ValidationError("\(name): '\(part)' is not a number: separate numbers by commas")
            }
            return value
        }
    }
}
