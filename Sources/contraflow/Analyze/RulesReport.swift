import ProfilerTraces
import Timelines

/// The classification rules, in the order in which they are tried, and the class of each kernel in the traces.
struct RulesReport {
    let rules: KernelRules
    let traces: [RankTrace]

    var text: String {
        var lines = rules.rules.enumerated().map { "\($0 + 1). \($1)" }
        lines.append("\(lines.count + 1). compute: everything else")
        guard !traces.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        var kinds: [String: KernelKind] = [:]
        for trace in traces {
            for (event, kind) in zip(trace.timeline.events, trace.kinds) { kinds[event.name] = kind }
        }
        let order = kinds.sorted { ($0.value.activity.rawValue, $0.key) < ($1.value.activity.rawValue, $1.key) }
        lines.append("")
        for (name, kind) in order {
            let role = kind.role == .work ? "" : " (\(kind.role.name))"
            lines.append("\(kind.activity.name)\(role)\(kind.family.isEmpty ? "" : ", \(kind.family)"): \(name)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
