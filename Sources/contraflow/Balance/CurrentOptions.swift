import ArgumentParser
import ExpertBalancing

/// The placement to start from, and when a copy from it is worth its time.
struct CurrentOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The placement to start from.", valueName: "file"))
    var current: String?

    @Option(
        help: ArgumentHelp(
            "Copy only what pays: step seconds of the experts, steps until the next change, seconds per copy.",
            valueName: "s,n,s")) var payback: String?

    @OptionGroup var copies: CopyOptions

    /// Whether something limits the copies.
    var isBudgeted: Bool { copies.maxCopies != nil || copies.maxBytes != nil || payback != nil }

    func validate() throws {
        if current == nil, isBudgeted {
            throw ValidationError("--max-copies, --max-bytes and --payback need --current, the placement to start from")
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

    /// The placement to start from, on `world`.
    func placement(for loads: ExpertLoads, on world: DeviceWorld) throws -> Placement? {
        guard let current else { return nil }
        let bytes = try readFile(current)
        do {
            return try Placement(
                contents: bytes, expertCount: loads.expertCount, deviceOffsets: world.deviceOffsets,
                layerCount: loads.layerCount)
        } catch {
            throw CommandError("\(current): \(error)")
        }
    }
}
