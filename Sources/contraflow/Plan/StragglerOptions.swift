import ArgumentParser
import PipelineSchedules
import SchedulePlanning

/// The ranks and actions that are slower than others.
struct StragglerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A rank and its slowdown, such as 3=1.2. Repeatable.", valueName: "rank=factor"))
    var slow: [String] = []

    @Option(
        help: ArgumentHelp("Maximum random change of a duration, as a share.", valueName: "share"))
    var jitter = 0.0

    /// The options that were given. A jitter of 0 is none.
    var given: [String] { (slow.isEmpty ? [] : ["--slow"]) + (jitter == 0 ? [] : ["--jitter"]) }

    func validate() throws {
        guard (0..<1).contains(jitter) else { throw ValidationError("--jitter is \(jitter): give 0 to below 1") }
        _ = try slowdowns()
    }

    /// Returns the slowdown of each rank, up to the last rank that is named.
    func slowdowns() throws -> [Double] {
        var factors: [Double] = []
        var named: Set<Int> = []
        for item in slow {
            let parts = item.split(separator: "=")
            guard parts.count == 2, let rank = Int(parts[0]), (0...Action.maximumStage).contains(rank),
                let factor = Double(parts[1]), factor >= 1e-3, factor <= 1e6
            else {
                throw ValidationError("--slow is '\(item)': give a rank and a factor from 0.001 to 1e6, such as 3=1.2")
            }
            guard named.insert(rank).inserted else { throw ValidationError("--slow names rank \(rank) twice") }
            if factors.count <= rank { factors += Array(repeating: 1, count: rank - factors.count + 1) }
            factors[rank] = factor
        }
        return factors
    }

    /// Throws an error if a slow rank is not among `rankCount` ranks.
    func checkRanks(below rankCount: Int) throws {
        let named = try slowdowns().count
        guard named <= rankCount else {
            throw ValidationError("--slow names rank \(named - 1), but ranks are 0 to \(rankCount - 1)")
        }
    }

    /// Returns the stragglers; nil if there are none.
    func stragglers(seed: UInt64) throws -> Stragglers? {
        let slowdowns = try slowdowns()
        if slowdowns.isEmpty && jitter == 0 { return nil }
        return Stragglers(slowdowns: slowdowns, jitter: jitter, seed: seed)
    }
}
