import Timelines
import TrainingRuns

/// Where the time of a rank's step went, in nanoseconds, as numbers that add up over ranks.
struct StepTimes {
    /// From the step's start to its end.
    var step: Int64 = 0
    /// Waiting for another stage: the pipeline's bubble, with what transfers did not hide.
    var stageWait: Int64 = 0
    /// Time in which an exchange or a reduction was under way.
    var communication: Int64 = 0
    /// The part of it in which a segment computed.
    var hidden: Int64 = 0
    /// Waiting for communication that nothing hid, by its ``ExposureCause``.
    var exposed = [Int64](repeating: 0, count: ExposureCause.allCases.count)

    /// What one rank recorded during a step of the given length.
    init(_ timeline: Timeline, step: Int64) {
        func times(_ lanes: RecordingLane...) -> IntervalSet {
            let isWanted = timeline.lanes.map { lane in lanes.contains { $0.rawValue == lane.name } }
            return IntervalSet(timeline.spans.lazy.filter { isWanted[Int($0.lane)] }.map(\.interval))
        }
        let underWay = times(.forwardExchanges, .backwardExchanges, .reductions)
        self.step = step
        stageWait = times(.stageWaits).length
        communication = underWay.length
        hidden = underWay.intersection(times(.segments)).length
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            if label.activity == .wait, let cause = label.kind { exposed[cause] += span.duration }
        }
    }

    /// Nothing yet.
    init() {}

    /// As reports that are summed over ranks.
    var reports: [Double] { ([step, stageWait, communication, hidden] + exposed).map(Double.init) }

    /// The part of all ranks' steps that is bubble, 0 to 1.
    static func bubble(_ reports: [Double]) -> Double { reports[0] > 0 ? reports[1] / reports[0] : 0 }

    /// The part of all ranks' communication that computation hides, 0 to 1; nil where nothing is exchanged.
    static func hiddenShare(_ reports: [Double]) -> Double? { reports[2] > 0 ? reports[3] / reports[2] : nil }

    /// The parts of all ranks' steps in which they waited for communication, by cause; nil where nothing is exchanged.
    static func exposedShares(_ reports: [Double]) -> [String: Double]? {
        guard reports[0] > 0, reports[2] > 0 else { return nil }
        return Dictionary(
            uniqueKeysWithValues: ExposureCause.allCases.map { ($0.name, reports[4 + $0.rawValue] / reports[0]) })
    }
}
