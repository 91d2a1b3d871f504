import ArgumentParser
import ExpertBalancing

/// The modes of training that a replay compares, and the settings of mode live.
struct ModeOptions: ParsableArguments {
    @Option(
        name: .customLong("modes"),
        help: ArgumentHelp(
            "Compare modes of a training run instead: off, static, live, or several.", valueName: "mode,…"))
    var names: String?

    @Option(
        help: ArgumentHelp(
            "The placement of mode static, from which mode live starts; by default, the best for the sum of all steps, "
                + "and consecutive experts.", valueName: "file"))
    var placement: String?

    @Option(help: ArgumentHelp("Balance below which mode live plans at once; 0.95 by default.", valueName: "x"))
    var minBalance: Double?

    @Option(help: ArgumentHelp("Balance of a layer that suffices in mode live; 0.98 by default.", valueName: "x"))
    var targetBalance: Double?

    @Option(help: ArgumentHelp("Steps from a plan's request to its first copies; 2 by default.", valueName: "n"))
    var planningSteps: Int?

    @Option(help: ArgumentHelp("Copies that a device sends or receives per step; 4 by default.", valueName: "n"))
    var copiesPerStep: Int?

    @Option(
        help: ArgumentHelp(
            "Copy only what pays off until the next plan: seconds per token, per copy of weights, and per copy of an "
                + "owner's state.", valueName: "s,s,s"))
    var costs: String?

    @Option(
        help: ArgumentHelp("Size of one expert's master weights and moments, such as 264MB.", valueName: "size"))
    var stateBytes: String?

    /// The options of mode live that were given.
    private var given: [String] {
        [
            ("--placement", placement != nil), ("--min-balance", minBalance != nil),
            ("--target-balance", targetBalance != nil), ("--planning-steps", planningSteps != nil),
            ("--copies-per-step", copiesPerStep != nil), ("--costs", costs != nil),
            ("--state-bytes", stateBytes != nil),
        ].filter(\.1).map(\.0)
    }

    func validate() throws {
        if names == nil, let option = given.first {
            throw ValidationError("\(option) needs --modes, such as --modes off,static,live")
        }
        _ = try modes()
        _ = try liveCosts()
        for (name, value) in [("--planning-steps", planningSteps), ("--copies-per-step", copiesPerStep)] {
            if let value, !(1...1 << 20).contains(value) {
                throw ValidationError("\(name) is \(value): give 1 to \(1 << 20)")
            }
        }
        for (name, value) in [("--min-balance", minBalance), ("--target-balance", targetBalance)] {
            if let value, !(value >= 0 && value <= 1) { throw ValidationError("\(name) is \(value): give 0 to 1") }
        }
    }

    /// The modes to compare; nil if `--modes` is not given.
    func modes() throws -> [BalancingMode]? {
        try names?.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let mode = BalancingMode(rawValue: String(name)) else {
                let known = BalancingMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--modes has '\(name)': give some of \(known), separated by commas")
            }
            return mode
        }
    }

    private func liveCosts() throws -> LiveCosts? {
        guard let costs else { return nil }
        let parts = costs.split(separator: ",").map { Double($0) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw ValidationError("--costs is '\(costs)': give three numbers, as in 1e-6,0.002,0.01")
        }
        return LiveCosts(secondsPerToken: parts[0], secondsPerCopy: parts[1], secondsPerState: parts[2])
    }

    /// Returns the settings of mode live.
    func liveOptions(
        _ copies: CopyOptions, interval: Int?, forecast: Forecast?, sharing: LoadReplay.TokenSharing
    ) throws -> LiveBalancer.Options {
        var options = LiveBalancer.Options()
        if let interval { options.interval = interval }
        if let minBalance { options.minimumBalance = minBalance }
        if let targetBalance { options.targetBalance = targetBalance }
        if let planningSteps { options.planningSteps = planningSteps }
        if let copiesPerStep { options.copiesPerStep = copiesPerStep }
        options.maxCopies = try copies.budget()
        if copies.givenSignificance != nil { options.noise = copies.noise }
        options.costs = try liveCosts()
        options.forecast = forecast
        options.sharing = sharing
        options.expertBytes = try bytes(copies)
        return options
    }

    /// Returns the sizes of the parts of an expert, 0 if they are not given.
    private func bytes(_ copies: CopyOptions) throws -> ExpertBytes {
        ExpertBytes(
            weights: try copies.bytesOfExpert() ?? 0,
            state: try stateBytes.map { try ByteCount.parse($0, "--state-bytes") } ?? 0)
    }

    /// Returns the placement of mode static; nil if `--placement` is not given.
    func placement(for loads: ExpertLoads, in world: DeviceWorld) throws -> (placement: Placement, note: String?)? {
        guard let placement else { return nil }
        let bytes = try readInput(placement)
        do {
            let (read, note) = try PlacementFile(contents: bytes, name: placement)
                .placement(for: loads, deviceOffsets: world.deviceOffsets)
            return (read, note.map { "\(placement): \($0)" })
        } catch {
            throw CommandError("\(placement): \(error)")
        }
    }
}
