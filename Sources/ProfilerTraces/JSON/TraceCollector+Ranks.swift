import OrderedCollections
import Timelines

extension TraceCollector {
    /// The traces of the file: one per device, with each kernel, copy and fill linked to the call that launched it.
    ///
    /// A file of one device has the rank that it states. The devices of a file of several are numbered from 0.
    ///
    /// - Throws: ``TraceReadError`` if the work of several processes on one device cannot be told apart.
    consuming func finish() throws(TraceReadError) -> [RankTrace] {
        let found = device.devices
        let processes = LaunchingProcesses(host)
        var assigned = processes.assigned(
            to: found, names: device.processNames.merging(host.processNames) { first, _ in first })
        var works = found
        if processes.count > 1, assigned.isEmpty || Set(assigned).count < processes.count {
            (works, assigned) = try processes.separated(found, assigned, path: file.path)
        }
        var traces: [RankTrace] = []
        for (index, work) in works.enumerated() {
            var trace = trace(of: work, launchedBy: assigned.isEmpty ? nil : assigned[index])
            if works.count > 1 {
                trace.part = DevicePart(
                    process: name(of: work.key.process, among: works), device: Int(clamping: work.key.device))
            }
            trace.assign(rank: works.count == 1 ? rank ?? 0 : index)
            trace.file.statesRank = members.rank != nil && works.count == 1
            traces.append(trace)
        }
        traces[0].file.droppedEvents = file.droppedEvents + device.droppedEvents + device.emptyEvents
        traces[0].notes += [
            TraceNote(.unreadable, count: file.unreadableEvents),
            TraceNote(.invalidTimes, count: file.droppedEvents + device.droppedEvents),
            TraceNote(.emptyEvents, count: device.emptyEvents),
        ].filter { $0.count > 0 }
        return traces
    }

    /// The name of a process; nil if there is no other, or if processes stand for devices.
    private func name(of process: Int64, among works: [DeviceWork]) -> String? {
        guard Set(works.map(\.key.process)).count > 1, works.contains(where: { $0.key.process != $0.key.device }) else {
            return nil
        }
        return device.processNames[process] ?? String(process)
    }

    private func trace(of work: DeviceWork, launchedBy process: Int64?) -> RankTrace {
        var work = work
        var trace = RankTrace()
        trace.file = file
        trace.worldSize = members.worldSize
        trace.device = members.device(work.key.device)
        trace.baseTime = members.baseTime
        trace.kinds = device.kinds
        trace.collectives = device.collectives.elements
        let isOwn = host.threads.keys.map { process == nil || $0.process == process }
        trace.annotations = host.annotations.filter { isOwn[Int($0.thread)] }
            .sorted { ($0.start, -$0.duration) < ($1.start, -$1.duration) }
        trace.messageCalls = host.messages.filter { isOwn[Int($0.thread)] }
        let links = LaunchLinks(
            process == nil ? host.launches : host.launches.filter { isOwn[Int($0.thread)] },
            correlations: work.correlations)
        trace.launches = links.launches
        trace.launchOfSpan = links.launchOfSpan
        let graphs =
            process.map { host.graphLaunches[$0] ?? [] }
            ?? host.graphLaunches.values.reduce(into: Set()) { $0.formUnion($1) }
        let correlations = work.correlations
        work.clipStreams { graphs.contains(correlations[$0]) }
        if !graphs.isEmpty {
            let missing = graphs.count - Set(links.launches.lazy.map(\.correlation).filter(graphs.contains)).count
            if missing > 0 { work.notes.append(TraceNote(.graphLaunches, count: missing)) }
        }
        let blocks = work.timeline.spans.filter { device.kinds[Int($0.event)].activity == .unknown }
        if !blocks.isEmpty {
            work.notes.append(
                TraceNote(.graphBlocks, count: blocks.count, time: blocks.reduce(0) { $0 + $1.duration }))
        }
        trace.timeline = work.timeline
        trace.collectiveOfSpan = work.collectiveOfSpan
        trace.notes = work.notes
        return trace
    }
}
