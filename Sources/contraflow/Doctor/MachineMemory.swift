import Foundation

/// The memory of this machine, or the part of the memory that a control group allows.
struct MachineMemory {
    /// The total number of bytes.
    let total: Double
    /// The bytes that are available to new processes; nil if the system does not report them.
    let available: Double?

    /// Reads the current values from `/proc` and from the control groups (version 2).
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
            // The kernel reclaims inactive file pages before an allocation fails.
            let reclaimable = field("inactive_file", ofFile: group + "/memory.stat") ?? 0
            total = min(total, limit)
            available = min(available, max(limit - used + reclaimable, 0))
        }
        return MachineMemory(total: total, available: available)
    }

    /// The folders of this process's control group and of its ancestors.
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

    /// Reads a file that holds one number; nil if there is no such file, or if it holds `max`, which means no limit.
    private static func number(_ path: String) -> Double? {
        (try? String(contentsOfFile: path, encoding: .utf8))
            .flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// Reads the number after `name`, which begins a line of the file.
    private static func field(_ name: String, ofFile path: String) -> Double? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}
