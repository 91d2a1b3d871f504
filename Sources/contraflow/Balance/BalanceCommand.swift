import ArgumentParser

/// Places experts on devices by their loads.
struct BalanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance", abstract: "Place experts on devices by their loads.",
        discussion: """
            Loads are JSON (layers × experts, or SGLang's {"logical_count": …}), NumPy's .npy or CSV.

            Examples:
              contraflow balance loads.json --replicas 288 --gpus 32
              contraflow balance loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance loads.json --replicas 288 --gpus 32 --format json -o placement.json
              contraflow balance new.json --replicas 288 --gpus 32 --current placement.json --max-copies 800
              contraflow balance loads.json --replicas 288 --gpus 32 --format svg -o balance.svg
              contraflow balance loads.npy --replicas 280 --gpus 32 --failed 5
              contraflow balance prefill.json decode.json --replicas 288 --gpus 32 --objective worst
              contraflow balance loads.json --device-slots 540 --gpus 32
              contraflow balance loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8 --max-remote 0.1
              contraflow balance frontier loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --max-copies 48
            """,
        subcommands: [BalancePlaceCommand.self, BalanceFrontierCommand.self, BalanceReplayCommand.self],
        defaultSubcommand: BalancePlaceCommand.self)
}
