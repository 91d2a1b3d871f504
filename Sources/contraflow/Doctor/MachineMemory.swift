import Foundation

/// The memory of this machine, or of the part of it that a control group allows.
struct MachineMemory {
    /// All bytes.
    let total: Double
    /// Bytes that new processes can take; nil where the system does not tell.
    let available: Double?

    /// What `/proc` and the control groups (version 2) say now.
    static func now() -> MachineMemory {
        let machine = Double(ProcessInfo.processInfo.physicalMemory)
        guard let free = field("MemAvailable:", ofFile: "/proc/meminfo").map({ $0 * 1024 }) else {
            return MachineMemory(total: machine, available: nil)
        }
        var (total, available) = (machine, free)
        for group in controlGroups() {
            guard let limit = number(group + "/memory.max"), let used = number(group + "/memory.current") else {
                continue
            }
            // Pages of files that nobody has used for long are given back before anything fails.
            let reclaimable = field("inactive_file", ofFile: group + "/memory.stat") ?? 0
            total = min(total, limit)
            available = min(available, max(limit - used + reclaimable, 0))
        }
        return MachineMemory(total: total, available: available)
    }

    /// The folders of this process's control group and of those around it.
    private static func controlGroups() -> [String] {
        guard
            let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return [] }
        var names = line.dropFirst(3).split(separator: "/")
        var folders: [String] = []
        while true {
            folders.append((["/sys/fs/cgroup"] + names.map(String.init)).joined(separator: "/"))
            if names.popLast() == nil { return folders }
        }
    }

    /// The number in a file that has nothing else; nil where there is none, or no limit.
    private static func number(_ path: String) -> Double? {
        (try? String(contentsOfFile: path, encoding: .utf8))
            .flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// The number after `name` at the start of a line.
    private static func field(_ name: String, ofFile path: String) -> Double? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}
