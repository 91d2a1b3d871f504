import ExpertBalancing
import Foundation

/// Places 64 experts on 8 devices, follows their loads as they change, and splits a batch over the replicas.
///
///     balance-experts Examples/data/loads.json Examples/data/later.json
guard CommandLine.arguments.count == 3 else {
    print("usage: balance-experts LOADS LATER")
    exit(64)
}
let loads: ExpertLoads
let later: ExpertLoads
do {
    loads = try read(CommandLine.arguments[1])
    later = try read(CommandLine.arguments[2])
} catch {
    print("balance-experts: \(error)")
    exit(1)
}

/// The loads of a file: tokens for each layer and expert, windows added up.
func read(_ path: String) throws -> ExpertLoads {
    guard let data = FileManager.default.contents(atPath: path) else {
        print("balance-experts: cannot read \(path)")
        exit(1)
    }
    return try LoadStream(contents: [UInt8](data)).total()
}

func percent(_ share: Double) -> String { "\((1000 * share).rounded() / 10) %" }

// A placement with a certificate: no placement in these slots has a balance above the bound.
let world = try DeviceWorld(slotCount: 72, deviceCount: 8)
let plan = try OptimalPolicy(world: world).plan(loads)
print("optimal: balance \(percent(plan.balance)), at most \(percent(plan.balanceBound))")

// The placement of DeepSeek's EPLB for the same loads.
let deepSeek = try DeepSeekPolicy(slotCount: 72, groupCount: 1, nodeCount: 1, deviceCount: 8)
    .plan(loads).placement(deviceCount: 8)
print("deepseek: balance \(percent(deepSeek.balancedness(loads.values)))")

// Loads change. At most 24 experts may be copied, 6 per layer on average.
print("later: balance \(percent(plan.placement.balancedness(later.values)))")
var request = PlacementRequest([later], world: world)
request.current = plan.placement
request.maxCopies = 24
let moved = try request.plan()
let migration = MigrationPlan(from: plan.placement, to: moved.placement)
print("after \(migration.copies.count) copies: balance \(percent(moved.balance))")

// The tokens of layer 0 for each slot, so that the busiest device finishes as early as possible.
let split = try TokenSplit(moved.placement, layer: 0, loads: Array(later[layer: 0]), isWhole: true)
let mean = Double(later[layer: 0].reduce(0, +)) / Double(world.deviceCount)
print("layer 0: \(Int(split.longestTime)) tokens on the busiest device, \(Int(mean)) on average")
