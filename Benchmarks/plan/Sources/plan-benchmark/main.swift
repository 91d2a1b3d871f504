import PipelineSchedules
import SchedulePlanning

// plan-benchmark [speed] [deepseek] [settings] [--evaluations N]
var wanted = Set(CommandLine.arguments.dropFirst())
var evaluations: Int?
if let index = CommandLine.arguments.firstIndex(of: "--evaluations"), index + 1 < CommandLine.arguments.count {
    evaluations = Int(CommandLine.arguments[index + 1])
    wanted.subtract(["--evaluations", CommandLine.arguments[index + 1]])
}
if wanted.isEmpty || wanted.contains("speed") {
    print("### Building, validating, simulating\n")
    try measureSpeed()
}
if wanted.isEmpty || wanted.contains("deepseek") {
    print("\n### Searching at DeepSeek-V3's proportions, 8 ranks and 64 micro-batches\n")
    try measureDeepSeek(evaluations: evaluations)
}
if wanted.isEmpty || wanted.contains("settings") {
    print("\n### Searching in sixty seeded settings\n")
    try measureSettings(evaluations: evaluations)
}
