import Foundation
import SchedulePlanning

// overlap-planner-benchmark [--sets N]
var setCount = 1000
var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 2, arguments[0] == "--sets", let count = Int(arguments[1]), (1...1_000_000).contains(count) {
    setCount = count
} else if !arguments.isEmpty {
    FileHandle.standardError.write(Data("usage: overlap-planner-benchmark [--sets N], N from 1 to 1000000\n".utf8))
    exit(64)
}

// Every eighth set has the same number of layers and the same kind of weight gradients.
var rows = (0..<8).map { Tally(layers: $0 / 2 + 1, defersWeights: $0 % 2 == 1) }
for set in 0..<setCount { try rows[set % 8].measure(set: set) }

print(
    "| layers | weights | sets | worst gap % | median gap % | exactly best | proven | above bound, median % | sequential, "
        + "median % | alternating, median % | plan µs, median | plan µs, most |")
print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
for row in rows where row.count > 0 {
    print(row.row(name: "\(row.layers) | \(row.defersWeights ? "apart" : "within")"))
}
print(Tally(of: rows).row(name: "all | all"))

let unfinished = rows.reduce(0) { $0 + $1.unfinished }
let wronglyProven = rows.reduce(0) { $0 + $1.wronglyProven }
print("\nsets without a known optimum: \(unfinished); plans wrongly reported as optimal: \(wronglyProven)")

try measureShares(sets: max(setCount / 10, 1))
if wronglyProven > 0 { exit(1) }
