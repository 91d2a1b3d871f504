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
    var isBudgeted: Bool { copies.maxCopies != nil || copies.maxBytes != nil || payback != nil }

    func validate() throws {
        if current == nil, isBudgeted {
            throw ValidationError("--max-copies, --max-bytes and --payback need --current, the current placement")
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
