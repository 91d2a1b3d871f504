import Timelines

/// One thing worth doing something about, with the figure that says so.
public struct Finding: Hashable, Sendable {
    /// What was found, as one sentence.
    public var title: String
    /// The rank that it was found on; nil where it concerns the whole run.
    public var rank: Int?
    /// What it is worth at most, in nanoseconds.
    public var time: Int64
    /// The same as a part of the rank's span, 0 to 1.
    public var share: Double
    /// Kernels and times that show it.
    public var evidence: [String]

    /// A finding of the given parts.
    public init(title: String, rank: Int?, time: Int64, share: Double, evidence: [String]) {
        self.title = title
        self.rank = rank
        self.time = time
        self.share = share
        self.evidence = evidence
    }
}

extension RankAnalysis {
    /// What is worth looking at, the most valuable first; parts of less than a thousandth of the span are left out.
    ///
    /// Exposed communication is worth at most its exposed time, idle time at most its length: nothing here promises
    /// that all of it can be had. `clock` turns a time of the trace into text.
    public func findings(clock: (Int64) -> String) -> [Finding] {
        var findings: [Finding] = []
        let causes = annotations.isEmpty ? families : annotations
        for part in causes where part.exposed > 0 {
            var evidence = [
                "\(part.count) \(part.count == 1 ? "piece" : "pieces"), \(clock(part.time)) in all, "
                    + "\(percent(part.hiddenShare ?? 0)) hidden"
            ]
            if let worst = part.worstStart, let window {
                evidence.append(
                    "the longest exposed: \(clock(part.worstExposed)) at \(clock(worst - window.lowerBound))")
            }
            findings.append(
                finding(
                    "exposed communication of \(part.name.isEmpty ? "other kernels" : part.name)", part.exposed,
                    evidence))
        }
        // Waiting under computation costs nothing: what is exposed of it is all that could be had.
        let waiting = kernels.filter { $0.kind.role == .wait }
        let exposedWaiting = waiting.reduce(0) { $0 + $1.exposed }
        if exposedWaiting > 0 {
            findings.append(
                finding(
                    "exposed kernels that only wait for other ranks", exposedWaiting,
                    waiting.prefix(3).map {
                        "\($0.count) x \(shortKernelName($0.name)), \(clock($0.time)), \(clock($0.exposed)) of it exposed"
                    }))
        }
        let idles = [
            (idle.host, isRecorded ? "idle between segments" : "the device waits for the host to launch work"),
            (
                idle.dependency,
                isRecorded
                    ? "idle while other ranks are waited for"
                    : "launched work waits for another stream, a copy or another rank"
            ),
            (idle.launch, "gaps of up to \(clock(IdleCauses.launchGap)) between launched kernels"),
        ]
        for (time, title) in idles where time > 0 {
            findings.append(finding(title, time, ["of \(clock(breakdown.idle)) idle in all"]))
        }
        return findings.filter { $0.share >= 0.001 }.sorted { ($1.time, $0.title) < ($0.time, $1.title) }
    }

    private func finding(_ title: String, _ time: Int64, _ evidence: [String]) -> Finding {
        Finding(
            title: title, rank: rank, time: time,
            share: breakdown.span == 0 ? 0 : Double(time) / Double(breakdown.span),
            evidence: evidence)
    }

    private func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
    }
}
