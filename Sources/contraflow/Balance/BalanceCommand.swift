import ArgumentParser

/// Places experts on devices according to their loads.
struct BalanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Place experts on devices according to their loads.",
        discussion: """
            Loads are token counts per layer and expert: JSON (layers × experts, or SGLang's {"logical_count": …}), \
            NumPy's .npy or CSV. 'contraflow balance place --help' lists the options of a placement.

            Examples:
              contraflow balance loads.json --replicas 288 --gpus 32
              contraflow balance loads.json --replicas 288 --gpus 32 -o plan.json --format json
              contraflow balance new.json --replicas 288 --gpus 32 --current plan.json --max-copies 800
              contraflow balance loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance frontier loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --max-copies 48
            """,
        subcommands: [BalancePlaceCommand.self, BalanceFrontierCommand.self, BalanceReplayCommand.self],
        defaultSubcommand: BalancePlaceCommand.self)
}
