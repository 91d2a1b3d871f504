import Timelines

/// The processes of a file that launch work on devices. Correlation numbers are unique within a process only.
struct LaunchingProcesses {
    /// The processes, in the order in which they occur in the file.
    private var processes: [Int64] = []
    /// For each process, the starts of its launches by correlation number.
    private var starts: [[UInt32: Int64]] = []

    /// The number of processes.
    var count: Int { processes.count }

    init(_ host: HostCollector) {
        let processOfThread = host.threads.keys.map(\.process)
        guard Set(processOfThread).count > 1 else {
            processes = Array(processOfThread.prefix(1))
            return
        }
        var last: Int64?
        for launch in host.launches where processOfThread[Int(launch.thread)] != last {
            last = processOfThread[Int(launch.thread)]
            if let last, !processes.contains(last) { processes.append(last) }
        }
        guard processes.count > 1 else { return }
        starts = processes.map { process in
            Dictionary(
                host.launches.lazy.filter { processOfThread[Int($0.thread)] == process }.map {
                    ($0.correlation, $0.start)
                },
                uniquingKeysWith: min)
        }
    }

    /// The process that launched the work of each device; none if the file has one process.
    ///
    /// It is the process that the device's work is filed under, else one whose name begins in the same way, as those of
    /// SGLang's merged profiles do, else the one with the most launches of the device's correlation numbers. Of several
    /// equal ones, it is the first that has no device yet.
    func assigned(to works: [DeviceWork], names: [Int64: String]) -> [Int64] {
        guard count > 1 else { return [] }
        var free = Set(processes)
        return works.map { work in
            func rating(_ index: Int) -> [Int] {
                let process = processes[index]
                return [
                    process == work.key.process ? 1 : 0,
                    Self.sharesLabel(names[process], names[work.key.process]) ? 1 : 0,
                    matches(work, index), free.contains(process) ? 1 : 0, -index,
                ]
            }
            let best = processes.indices.max { rating($0).lexicographicallyPrecedes(rating($1)) } ?? 0
            free.remove(processes[best])
            return processes[best]
        }
    }

    private static func sharesLabel(_ first: String?, _ second: String?) -> Bool {
        guard let first, let second, let end = first.lastIndex(of: " ") else { return false }
        return second.hasPrefix(first[...end])
    }

    /// The number of a device's spans that a process may have launched.
    private func matches(_ work: DeviceWork, _ index: Int) -> Int {
        zip(work.timeline.spans, work.correlations).count { span, number in
            starts[index][number].map { $0 <= span.end } ?? false
        }
    }

    /// Separates the work of processes that share a device, by the process that launched each span.
    ///
    /// - Throws: ``TraceReadError`` if several processes may have launched a span.
    func separated(
        _ works: [DeviceWork], _ assigned: [Int64], path: String
    ) throws(TraceReadError) -> ([DeviceWork], [Int64]) {
        var parts: [DeviceWork] = []
        var owners: [Int64] = []
        let shared = processes.indices.filter { !assigned.contains(processes[$0]) }
        for (work, owner) in zip(works, assigned) {
            let candidates = shared + processes.indices.filter { processes[$0] == owner }
            let launchers = work.correlations.map { number in candidates.filter { starts[$0][number] != nil } }
            let found = Set(launchers.joined())
            guard found.count > 1 else {
                parts.append(work)
                owners.append(owner)
                continue
            }
            guard launchers.allSatisfy({ $0.count == 1 }) else {
                throw TraceReadError(
                    path: path,
                    reason: "holds the work of \(found.count) processes on device \(work.key.device), which its "
                        + "correlation numbers do not tell apart: give one trace per process")
            }
            for process in found.sorted() {
                var part = work
                part.key.process = processes[process]
                part.keep(launchers.indices.filter { launchers[$0] == [process] })
                part.timeline.removeUnusedLanes()
                parts.append(part)
                owners.append(processes[process])
            }
        }
        return (parts, owners)
    }
}
