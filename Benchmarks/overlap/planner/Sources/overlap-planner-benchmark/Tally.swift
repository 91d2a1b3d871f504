import Foundation
import SchedulePlanning

/// The measurements of sets with the same number of layers and the same kind of weight gradients.
struct Tally {
    /// The number of states after which the exact search gives up.
    private static let mostStates = 5_000_000

    let layers: Int
    let defersWeights: Bool
    private var gaps: [Double] = []
    private var aboveBound: [Double] = []
    private var sequential: [Double] = []
    private var alternating: [Double] = []
    private var microseconds: [Double] = []
    private var proven = 0
    /// The number of sets on which the exact search gave up.
    private(set) var unfinished = 0
    /// The number of plans that are reported as optimal and are not.
    private(set) var wronglyProven = 0

    var count: Int { gaps.count }

    init(layers: Int, defersWeights: Bool) {
        self.layers = layers
        self.defersWeights = defersWeights
    }

    /// Creates the measurements of several tallies together.
    init(of tallies: [Tally]) {
        self.init(layers: 0, defersWeights: false)
        for tally in tallies {
            gaps += tally.gaps
            aboveBound += tally.aboveBound
            sequential += tally.sequential
            alternating += tally.alternating
            microseconds += tally.microseconds
            proven += tally.proven
            unfinished += tally.unfinished
            wronglyProven += tally.wronglyProven
        }
    }

    mutating func measure(set: Int) throws {
        let problem = try SampleOverlapProblems.experts(set: set, layers: layers, defersWeights: defersWeights)
        let planner = OverlapPlanner()
        let clock = ContinuousClock()
        var runs: [Double] = []
        var plan = planner.plan(problem)
        for _ in 0..<5 {
            let start = clock.now
            plan = planner.plan(problem)
            runs.append((clock.now - start) / .microseconds(1))
        }
        microseconds.append(median(runs))
        let exact = ExactOverlapPlan(problem, below: plan.makespan, maximumStates: Self.mostStates)
        if !exact.isComplete { unfinished += 1 }
        if plan.isOptimal {
            proven += 1
            if exact.makespan < plan.makespan { wronglyProven += 1 }
        }
        func above(_ time: Int64, _ base: Int64) -> Double { 100 * (Double(time) / Double(base) - 1) }
        gaps.append(above(plan.makespan, exact.makespan))
        aboveBound.append(above(exact.makespan, plan.bound.time))
        sequential.append(above(try OverlapSimulation(.sequential(problem), of: problem).makespan, plan.makespan))
        alternating.append(above(try OverlapSimulation(.alternating(problem), of: problem).makespan, plan.makespan))
    }

    func row(name: String) -> String {
        let cells = [
            name, "\(count)", text(gaps.max() ?? 0, 3), text(median(gaps), 3), "\(gaps.count { $0 == 0 })", "\(proven)",
            text(median(aboveBound), 2), text(median(sequential), 1), text(median(alternating), 1),
            text(median(microseconds), 0), text(microseconds.max() ?? 0, 0),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }
}

func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }

func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
