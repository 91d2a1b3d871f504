import Timelines

extension RankAnalysis {
    /// The causes of lost time, by the time that their removal would save at most, the largest first. Causes of less
    /// than a thousandth of the span are dropped.
    ///
    /// The bound is the exposed time for communication and the length for idle time. How much of it can be saved in
    /// practice is not estimated.
    public var findings: [Finding] {
        (computeStream + exposedCommunication + exposedWaiting + idling + unknownCommunication)
            .filter { $0.share >= Finding.leastShare }.sorted { ($1.time, $0.title) < ($0.time, $1.title) }
    }

    /// The cause of exposed communication that shares the stream of the computation.
    private var computeStream: [Finding] {
        guard let found = onComputeStream else { return [] }
        let share =
            found.communicationShare == 1
            ? "all communication" : "\(percentage(found.communicationShare)) % of the communication"
        return [
            finding(
                "communication on the stream that computes cannot be hidden", found.exposed,
                [
                    "\(share) is on \(found.stream), with \(percentage(found.computeShare)) % of the computation: "
                        + "a stream runs one kernel after the other",
                    "run collectives on a stream of their own, as PyTorch's process groups do with async_op=True",
                ])
        ]
    }

    /// Kernels that may be communication.
    private var unknownCommunication: [Finding] {
        let time = suspects.reduce(0) { $0 + $1.time }
        guard let first = suspects.first else { return [] }
        let evidence = suspects.prefix(3).map {
            "\($0.count) x \(shortKernelName($0.name)), \(milliseconds($0.time)) ms in total"
        }
        return [
            finding(
                "kernels that look like communication count as computation, since no rule knows them", time,
                evidence + [
                    "if they communicate: --communication '\(shortKernelName(first.name))', or --rules with a file of rules"
                ])
        ]
    }

    private var exposedCommunication: [Finding] {
        let causes = annotations.isEmpty ? families : annotations
        return causes.filter { $0.exposed > 0 }.map { part in
            var evidence = [
                "\(part.count) \(part.count == 1 ? "operation" : "operations"), "
                    + "\(milliseconds(part.time)) ms in total, \(percentage(part.hiddenShare ?? 0)) % hidden"
            ]
            if let worst = part.worstStart {
                evidence.append(
                    "the most exposed operation starts at \(milliseconds(worst - origin)) ms "
                        + "and is exposed for \(milliseconds(part.worstExposed)) ms")
            }
            return finding(
                "exposed communication of \(part.name.isEmpty ? "other kernels" : part.name)", part.exposed, evidence)
        }
    }

    /// Waiting that overlaps computation costs no time, so only its exposed part counts.
    private var exposedWaiting: [Finding] {
        let waiting = kernels.filter { $0.kind.role == .wait }
        let exposed = waiting.reduce(0) { $0 + $1.exposed }
        guard exposed > 0 else { return [] }
        let evidence = waiting.prefix(3).map {
            "\($0.count) x \(shortKernelName($0.name)), \(milliseconds($0.time)) ms in total, "
                + "\(milliseconds($0.exposed)) ms exposed"
        }
        return [finding("exposed kernels that only wait for other ranks", exposed, evidence)]
    }

    private var idling: [Finding] {
        let host = isRecorded ? "idle between segments" : "the device waits for the host to launch work"
        let dependency =
            isRecorded
            ? "idle while waiting for other ranks" : "launched work waits for another stream, a copy or another rank"
        let launch = "gaps of up to \(milliseconds(IdleCauses.launchGap)) ms between launched kernels"
        let evidence = ["\(milliseconds(breakdown.idle)) ms idle in total"]
        return [(host, idle.host), (dependency, idle.dependency), (launch, idle.launch)].filter { $0.1 > 0 }
            .map { finding($0, $1, evidence) }
    }

    private func finding(_ title: String, _ time: Int64, _ evidence: [String]) -> Finding {
        Finding(
            title: title, rank: rank, time: time,
            share: breakdown.span == 0 ? 0 : Double(time) / Double(breakdown.span), evidence: evidence)
    }
}
