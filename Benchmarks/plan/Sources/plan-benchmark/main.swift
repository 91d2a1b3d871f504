import PipelineSchedules
import SchedulePlanning

// plan-benchmark [speed] [deepseek] [settings] [--evaluations N]
var wanted = Set(CommandLine.arguments.dropFirst())
var evaluations = 20_000
if let index = CommandLine.arguments.firstIndex(of: "--evaluations"), index + 1 < CommandLine.arguments.count {
    evaluations = Int(CommandLine.arguments[index + 1]) ?? evaluations
    wanted.subtract(["--evaluations", CommandLine.arguments[index + 1]])
}
if wanted.isEmpty || wanted.contains("speed") { try measureSpeed() }
if wanted.isEmpty || wanted.contains("deepseek") { try measureDeepSeek(evaluations: evaluations) }
if wanted.isEmpty || wanted.contains("settings") { try measureSettings(evaluations: evaluations) }
