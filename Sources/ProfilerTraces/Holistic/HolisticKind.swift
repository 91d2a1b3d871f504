/// The kinds of kernels of HolisticTraceAnalysis 0.6, by name. Communication is tested first, then memory; computation
/// is every name that no other pattern matches.
enum HolisticKind {
    case communication
    case memory
    case computation
    case other

    init(_ name: String) {
        if ["nccl", "hip", "hccl"].contains(where: name.hasPrefix) || firstLine(name).contains("ncclKernel") {
            self = .communication
        } else if ["Memcpy", "Memset", "hipMemcpy", "hipMemset", "dma"].contains(where: name.hasPrefix) {
            self = .memory
        } else if Self.isElsewhere(name) {
            self = .other
        } else {
            self = .computation
        }
    }

    private static func isElsewhere(_ name: String) -> Bool {
        let line = firstLine(name)
        if ["Memcpy", "Memset", "dma", "Sync"].contains(where: line.contains) { return true }
        let prefixes = [
            "Stream Wait Event", "runFunction", "job_exe", "packet", "pe_exe", "cpum_exe_subgraph",
            "collective_subgraph_execution",
        ]
        if prefixes.contains(where: name.hasPrefix) { return true }
        return name.hasPrefix("cuda") && line.contains("LaunchKernel")
    }
}

/// The first line of a name, since a dot in the tool's patterns does not match a line break.
private func firstLine(_ name: String) -> KernelName {
    KernelName(String(decoding: name.utf8.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
}
