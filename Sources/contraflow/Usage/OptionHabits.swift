import TrainingRecipes

/// The names that options have in other programs.
enum OptionHabits {
    /// Returns the suggestion for an unknown option of a command, such as `use --tokens`.
    ///
    /// - Parameters:
    ///   - option: The unknown option, with its hyphens.
    ///   - command: The words that start the command, such as `contraflow generate`.
    static func suggestion(for option: String, of command: String) -> String? {
        let name = option.drop { $0 == "-" }.replacing("_", with: "-").lowercased()
        let own = command.split(separator: " ").dropFirst().compactMap { byCommand[String($0)]?[name] }.last
        return (own ?? common[name]).map { "use \($0)" }
    }

    private static let common = [
        "csv": "--format csv", "file": "-o FILE", "html": "--format html", "json": "--format json",
        "out": "-o FILE", "output-file": "-o FILE", "svg": "--format svg",
    ]

    private static let byCommand: [String: [String: String]] = [
        "generate": [
            "bytes": "--tokens", "do-sample": "--temperature, which is 0 for the most likely token",
            "input": "--prompt", "length": "--tokens", "max-length": "--tokens", "max-new-tokens": "--tokens",
            "max-tokens": "--tokens", "model": "the run's folder without an option", "n": "--tokens",
            "n-predict": "--tokens", "num-tokens": "--tokens", "p": "--prompt",
            "run": "the run's folder without an option",
            "stop-sequence": "--stop", "stop-sequences": "--stop", "stop-strings": "--stop", "t": "--temperature",
            "temp": "--temperature", "text": "--prompt", "topk": "--top-k", "topp": "--top-p",
        ],
        "plan": [
            "activation-limit": "--memory", "chunks-per-rank": "--chunks", "devices": "--ranks", "gpus": "--ranks",
            "m": "--microbatches", "n-microbatches": "--microbatches", "num-chunks": "--chunks",
            "num-microbatches": "--microbatches", "num-stages": "--ranks",
            "num-virtual-stages-per-pipeline-rank": "--chunks", "p": "--ranks",
            "pipeline-model-parallel-size": "--ranks", "pipeline-parallel-degree": "--ranks",
            "pipeline-parallel-schedule": "--schedule", "pipeline-parallel-size": "--ranks", "pp": "--ranks",
            "stages": "--ranks", "virtual-stages": "--chunks", "vpp": "--chunks", "world-size": "--ranks",
        ],
        "balance": [
            "devices": "--gpus", "ep": "--gpus", "ep-size": "--gpus", "expert-parallel-size": "--gpus",
            "num-experts": "--replicas, the number of slots", "num-gpus": "--gpus", "num-groups": "--groups",
            "num-nodes": "--nodes", "num-physical-experts": "--replicas", "num-ranks": "--gpus",
            "num-redundant-experts": "--replicas, the experts and their duplicates together",
            "num-replicas": "--replicas",
            "ranks": "--gpus", "world-size": "--gpus",
        ],
        "analyze": [
            "input": "the traces without an option", "logdir": "the folder of the traces without an option",
            "trace": "the traces without an option", "trace-dir": "the folder of the traces without an option",
            "traces": "the traces without an option",
        ],
    ]
}
