import ArgumentParser
import ExpertBalancing

/// The current placement, and the limits of copies from it.
struct CurrentOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The current placement, as written by --format or by an engine.", valueName: "file"))
    var current: String?

    @OptionGroup var copies: CopyOptions

    @Option(
        help: ArgumentHelp(
            "Copy only what pays off: seconds of the experts per step, steps until the next plan, seconds per copy.",
            valueName: "s,n,s")) var payback: String?

    /// Whether an option limits the copies.
    var isBudgeted: Bool {
        copies.maxCopies != nil || copies.maxBytes != nil || payback != nil || copies.givenSignificance ?? 0 > 0
    }

    /// The options about copies that were given.
    private var given: [String] { copies.given + (payback == nil ? [] : ["--payback"]) }

    /// Returns the maximum number of copies, which a noise threshold alone does not limit; nil without limits.
    func budget() throws -> Int? {
        try copies.budget() ?? (copies.givenSignificance ?? 0 > 0 ? Int.max : nil)
    }

    /// Returns a line that says how the noise threshold changed the plan, or would have changed it.
    func noiseNote(on comparison: PlacementComparison, for request: PlacementRequest) throws -> String? {
        guard let current = request.current, let migration = comparison.migration, let noise = request.noise,
            request.workloads.count == 1, request.groupCount == nil, request.policyName == OptimalPolicy.name,
            current.deviceOffsets == request.world.deviceOffsets,
            request.workloads[0].values.contains(where: { $0 > 1 })
        else { return nil }
        let layers = try noise.layersWithinNoise(of: current, for: request.workloads[0], in: request.world)
        if isBudgeted {
            guard !layers.isEmpty else { return nil }
            return "\(counted(layers.count, "layer")) unchanged, because the gain is within sampling noise "
                + "(\(noise.significance) standard deviations) or below 0.3 %: --significance 0 counts every difference"
        }
        let copies = migration.copies.count { layers.contains($0.layer) }
        guard copies > 0 else { return nil }
        return
            "\(counted(copies, "copy", "copies")) in layers for which the gain is within sampling noise or below 0.3 %: "
            + "--significance \(noise.significance) leaves such layers unchanged"
    }

    func validate() throws {
        if current == nil, let option = given.first {
            throw ValidationError("\(option) needs --current, the current placement")
        }
        _ = try paybackRule()
    }

    func paybackRule() throws -> PaybackRule? {
        guard let payback else { return nil }
        let parts = payback.split(separator: ",").map { Double($0) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw ValidationError("--payback is '\(payback)': give three numbers, as in 0.05,3000,0.01")
        }
        return PaybackRule(stepSeconds: parts[0], steps: parts[1], copySeconds: parts[2])
    }

    /// Reads the current placement, with doubts about its meaning; nil if `--current` is not given. A file that does not
    /// divide the slots among the devices has the slots that the devices had before any failure.
    func placement(
        for loads: ExpertLoads, on devices: WorldOptions
    ) throws -> (placement: Placement, notes: [String])? {
        guard let current else { return nil }
        let bytes = try readInput(current)
        do {
            let file = try PlacementFile(contents: bytes, name: current)
            let world = try devices.worldBeforeFailure(slotCount: file.slotCount)
            let (placement, note) = try file.placement(for: loads, deviceOffsets: world.deviceOffsets)
            var notes = note.map { [$0] } ?? []
            if !devices.failed.isEmpty, file.slotsPerDevice == nil {
                notes.append(
                    "its \(counted(file.slotCount, "slot")) are those of all \(counted(devices.gpus, "device")), the "
                        + "failed ones too")
            }
            return (placement, notes.map { "\(current): \($0)" })
        } catch {
            throw CommandError("\(current): \(error)")
        }
    }
}
