import Foundation
import TestSupport
import Testing

@Suite("The current placement of balance") struct CurrentPlacementTests {
    private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private func migration(_ command: Command) throws -> (copies: [[Int]], restores: [[Int]]) {
        let object = try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any]
        let migration = try #require(object?["migration"] as? [String: Any], "\(command.errors)")
        return (
            try #require(migration["copies"] as? [[Int]]), migration["restores"] as? [[Int]] ?? []
        )
    }

    @Test("Copies fill the slots of a device that comes back after a failure") func deviceComesBack() throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[10,10,10]]", "loads.json", in: folder)
            let file = folder.appending(path: "failed.json").path
            let world = ["balance", loads, "--replicas", "6", "--gpus", "3"]
            _ = try Command(arguments: world + ["--failed", "1", "--format", "json", "-o", file])
            let copies = try migration(Command(arguments: world + ["--current", file, "--format", "json"])).copies
            // The columns are layer, source, target, expert and slot.
            #expect(copies.count { $0[2] == 1 } == 2)
            #expect(copies.allSatisfy { $0[1] != 1 })
            let table = try Command(arguments: world + ["--current", file])
            #expect(table.output.contains("\ncurrent     1.0000  "), "\(table.output)")
            let limited = try Command(arguments: world + ["--current", file, "--max-copies", "6"])
            #expect(limited.status == 1 && limited.errors.contains("[3, 0, 3] slots per device"), "\(limited.errors)")
        }
    }

    @Test("A map without devices is that of all devices before the failure, and failed devices send nothing")
    func mapIsFromBeforeTheFailure() throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[10,10,10]]", "loads.json", in: folder)
            let map = try write(#"{"physical_to_logical_map":[[0,1,2,0,1,2]]}"#, "map.json", in: folder)
            for slots in [["--replicas", "6"], ["--replicas", "8"], ["--slots", "2,2,2"]] {
                let command = ["balance", loads, "--gpus", "3", "--failed", "1", "--current", map] + slots
                let (copies, restores) = try migration(Command(arguments: command + ["--format", "json"]))
                #expect(copies.allSatisfy { $0[1] != 1 && $0[2] != 1 } && restores.isEmpty, "\(slots): \(copies)")
                if slots != ["--slots", "2,2,2"] { #expect(copies.count == (slots[1] == "6" ? 2 : 4)) }
                let table = try Command(arguments: command)
                #expect(table.output.contains("its 6 slots are those of all 3 devices"), "\(table.output)")
            }
        }
    }

    @Test("Experts that were on failed devices alone come from a checkpoint") func lostExpertsAreRestored() throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[10,20,30,40]]", "loads.json", in: folder)
            let map = try write("[0,1,2,3]", "map.json", in: folder)
            let command = ["balance", loads, "--replicas", "4", "--gpus", "2", "--failed", "1", "--current", map]
            let (copies, restores) = try migration(Command(arguments: command + ["--format", "json"]))
            #expect(copies.isEmpty && Set(restores.map { $0[2] }) == [2, 3] && restores.allSatisfy { $0[1] == 0 })
            let table = try Command(arguments: command)
            #expect(table.output.contains("2 slots read from a checkpoint"), "\(table.output)")
        }
    }

    /// Four layers of loads that differ between seeds by sampling noise alone.
    private func sampled(seed: UInt64) -> String {
        var random = SeededGenerator(seed)
        let layers = (0..<4).map { layer in
            let experts = (0..<16).map { expert in
                let mean = Double(200 + (expert * 37 + layer * 11) % 400)
                let deviations = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
                return String(Int(mean + deviations * mean.squareRoot()))
            }
            return "[\(experts.joined(separator: ","))]"
        }
        return "[\(layers.joined(separator: ","))]"
    }

    private func balance(_ command: Command) throws -> Double {
        let line = try #require(command.output.split(separator: "\n").first { $0.hasPrefix("optimal") })
        return try #require(Double(line.split(separator: " ")[1]))
    }

    @Test("A noise threshold prevents copies without a budget too, and a note says what it does or would do")
    func noiseThreshold() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "current.json").path
            let world = ["--replicas", "24", "--gpus", "8"]
            let before = try write(sampled(seed: 1), "before.json", in: folder)
            _ = try Command(arguments: ["balance", before, "--format", "json", "-o", file] + world)
            let after = try write(sampled(seed: 2), "after.json", in: folder)
            let move = ["balance", after, "--current", file] + world
            let free = try Command(arguments: move)
            #expect(free.output.contains("--significance 6.4 leaves such layers unchanged"), "\(free.output)")
            let calm = try Command(arguments: move + ["--significance", "6.4"])
            #expect(
                calm.output.contains("\n0 copies") && calm.output.contains("- 4 layers unchanged"), "\(calm.output)")
            let exact = try Command(arguments: move + ["--significance", "0"])
            #expect(!exact.output.contains("noise"), "\(exact.output)")
            let budget = try Command(arguments: move + ["--significance", "0", "--max-copies", "1000"])
            #expect(try balance(budget) >= balance(free), "\(budget.output)\(free.output)")
            #expect(!budget.output.contains("noise"), "\(budget.output)")
        }
    }

    @Test("A placement that states its devices is refused for another number of devices")
    func otherNumbersOfDevicesAreRefused() throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[10,10,10]]", "loads.json", in: folder)
            let file = folder.appending(path: "three.json").path
            _ = try Command("balance", loads, "--replicas", "6", "--gpus", "3", "--format", "json", "-o", file)
            for world in [
                ["--gpus", "6", "--replicas", "6"], ["--gpus", "2", "--replicas", "6"],
                ["--gpus", "2", "--slots", "4,2"],
            ] {
                let command = try Command(arguments: ["balance", loads, "--current", file] + world)
                #expect(command.status == 1 && command.errors.contains("on 3 devices"), "\(command.errors)")
                #expect(command.errors.split(separator: "\n").count == 1)
            }
            let broken = try write(
                #"{"physical_to_logical_map":[[0,1,2]],"shape":{"slots_per_device":[1,1]}}"#, "broken.json", in: folder)
            let command = try Command("balance", loads, "--replicas", "3", "--gpus", "3", "--current", broken)
            #expect(command.status == 1 && command.errors.contains("slots_per_device is [1, 1]"), "\(command.errors)")
        }
    }
}
