import Foundation
import TestSupport
import Testing

@Suite struct BalanceCommandTests {
    private let example =
        "[[90,132,40,61,104,165,39,4,73,56,183,86],[20,107,104,64,19,197,187,157,172,86,16,27]]"

    private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("The deepseek policy gives the maps of EPLB's example") func theExampleOfEPLB() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let command = try Command(
                "balance", loads, "--replicas", "16", "--gpus", "8", "--nodes", "2", "--groups", "4", "--policy",
                "deepseek", "--format", "json")
            #expect(command.status == 0 && command.errors.isEmpty)
            let result = try object(command.output)
            #expect(result["version"] as? Int == 1)
            let map = try #require(result["physical_to_logical_map"] as? [[Int]])
            #expect(map[0] == [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1])
            #expect(map[1] == [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1])
            #expect((result["logical_to_physical_map"] as? [[[Int]]])?[0].count == 12)
            #expect((result["expert_count"] as? [[Int]])?[0][5] == 2)
        }
    }

    @Test("The table compares the policy with no replicas, and place is the default subcommand")
    func theTableComparesWithNoReplicas() throws {
        try withTemporaryFolder { folder in
            let loads = try write("{\"logical_count\": \(example)}", "loads.json", in: folder)
            let command = try Command("balance", loads, "--replicas", "16", "--gpus", "4")
            #expect(command.status == 0)
            #expect(command.output.contains("no replicas") && command.output.contains("optimal"))
            let again = try Command("balance", "place", loads, "--replicas", "16", "--gpus", "4")
            #expect(again.output == command.output)
        }
    }

    @Test("A written placement is read back, moved within a budget, and exported to engines")
    func aPlacementIsReadBackAndMoved() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let current = folder.appending(path: "placement.json").path
            #expect(
                try Command("balance", loads, "--replicas", "16", "--gpus", "4", "--format", "json", "-o", current)
                    .status == 0)
            let stay = try Command(
                "balance", loads, "--replicas", "16", "--gpus", "4", "--current", current)
            #expect(stay.output.contains("0 copies"))
            let swapped = try write(
                "[[20,107,104,64,19,197,187,157,172,86,16,27],[90,132,40,61,104,165,39,4,73,56,183,86]]",
                "new.json", in: folder)
            let move = try Command(
                "balance", swapped, "--replicas", "16", "--gpus", "4", "--current", current, "--max-copies", "6",
                "--max-bytes", "1KB", "--significance", "0", "--expert-bytes", "100", "--format", "json")
            #expect(move.status == 0, "\(move.errors)")
            let migration = try #require(try object(move.output)["migration"] as? [String: Any])
            let copies = try #require(migration["copies"] as? [[Int]])
            #expect(!copies.isEmpty && copies.count <= 6)
            let sglang = try Command("balance", loads, "--replicas", "16", "--gpus", "4", "--format", "sglang")
            #expect(Array(try object(sglang.output).keys) == ["physical_to_logical_map"])
            let yaml = try Command("balance", loads, "--replicas", "16", "--gpus", "4", "--format", "tensorrt")
            #expect(yaml.output.hasPrefix("num_slots: 16\ninitial_global_assignments:\n  0: ["))
            #expect(yaml.output.hasSuffix("layer_updates_per_iter: 0\n"))
        }
    }

    @Test("Failed, slower and smaller devices are accepted") func unequalDevicesAreAccepted() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let failed = try Command("balance", loads, "--replicas", "13", "--gpus", "4", "--failed", "2")
            #expect(failed.status == 0, "\(failed.errors)")
            let both = try Command(
                "balance", loads, "--replicas", "12", "--gpus", "4", "--failed", "0", "--failed", "2", "--format",
                "json")
            let shape = try #require(try object(both.output)["shape"] as? [String: Any])
            #expect(shape["slots_per_device"] as? [Int] == [0, 6, 0, 6])
            let slots = try Command(
                "balance", loads, "--slots", "5,4,4", "--gpus", "3", "--speeds", "1,1,0.5", "--format", "json")
            #expect(slots.status == 0, "\(slots.errors)")
        }
    }

    @Test("Duplicates are counted, and --no-duplicates forbids them") func duplicatesAreCountedOrForbidden() throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[130,754,948]]", "loads.json", in: folder)
            let world = ["balance", loads, "--replicas", "4", "--gpus", "2", "--format", "json"]
            for (options, duplicates) in [([], 1), (["--no-duplicates"], 0)] {
                let command = try Command(arguments: world + options)
                let measures = try #require(try object(command.output)["measures"] as? [String: Any])
                #expect(measures["duplicates"] as? Int == duplicates)
                #expect(measures["balance"] as? Double == measures["balance_bound"] as? Double)
            }
        }
    }

    @Test("Placements and frontiers are drawn as SVG and HTML") func picturesAreDrawn() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            for format in ["svg", "html"] {
                let command = try Command(
                    "balance", loads, "--replicas", "16", "--gpus", "4", "--format", format)
                #expect(command.status == 0, "\(command.errors)")
                #expect(command.output.contains(format == "svg" ? "<svg" : "<figure class=\"map\""))
                #expect(command.output.contains("balance 0.9") && command.output.contains("no replicas"))
                let frontier = try Command(
                    "balance", "frontier", loads, "--replicas", "16", "--gpus", "4", "--nodes", "2", "--groups", "4",
                    "--format", format)
                #expect(frontier.status == 0 && frontier.output.contains("groups together"), "\(frontier.errors)")
            }
        }
    }

    @Test("The frontier begins at no remote load, and --max-remote limits the remote load")
    func balanceAndTrafficAreTradedOff() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let world = ["--replicas", "16", "--gpus", "8", "--nodes", "2", "--groups", "4"]
            let json = try object(
                try Command(arguments: ["balance", "frontier", loads, "--format", "json"] + world).output)
            let points = try #require(json["points"] as? [[String: Double]])
            #expect(points.first?["remote_share"] == 0)
            for format in ["table", "csv"] {
                let frontier = try Command(arguments: ["balance", "frontier", loads, "--format", format] + world)
                #expect(frontier.output.split(separator: "\n").count == min(points.count, 13) + 1)
            }
            let capped = try Command(arguments: ["balance", loads, "--max-remote", "0.05", "--format", "json"] + world)
            let measures = try #require(try object(capped.output)["measures"] as? [String: Any])
            #expect(try #require(measures["remote_share"] as? Double) <= 0.05)
        }
    }

    @Test("Several workloads share one placement, with the figures of each") func severalWorkloadsHaveOnePlacement()
        throws
    {
        try withTemporaryFolder { folder in
            let loads = try write(example, "prefill.json", in: folder)
            let other = try write(
                "[[20,107,104,64,19,197,187,157,172,86,16,27],[90,132,40,61,104,165,39,4,73,56,183,86]]",
                "decode.json", in: folder)
            let table = try Command("balance", loads, other, "--replicas", "16", "--gpus", "4")
            #expect(table.status == 0 && table.output.contains("decode.json alone"), "\(table.errors)")
            let json = try Command(
                "balance", loads, other, "--replicas", "16", "--gpus", "4", "--objective", "mean", "--format", "json")
            let measures = try #require(try object(json.output)["measures"] as? [String: Any])
            #expect((measures["workloads"] as? [[String: Any]])?.count == 2)
        }
    }

    @Test("--device-slots is a budget that layers share") func layersShareASlotBudget() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let command = try Command(
                "balance", loads, "--device-slots", "9", "--gpus", "4", "--format", "json")
            let result = try object(command.output)
            let measures = try #require(result["measures"] as? [String: Any])
            let slots = try #require(measures["slots_of_layer"] as? [Int])
            #expect(slots.reduce(0, +) <= 9 && slots.allSatisfy { $0 >= 3 })
        }
    }

    @Test("The modes of training are compared on a history with micro-batches, in every format")
    func modesAreCompared() throws {
        try withTemporaryFolder { folder in
            let windows = (0..<24).map { $0 < 12 ? "[[90,10,20,40]]" : "[[10,90,40,20]]" }
            let text =
                "{\"version\":1,\"logical_count\":[\(windows.joined(separator: ","))],\"steps\":[[100,122]],"
                + "\"micro_batches\":[[3,2,1]]}\n"
            let history = try write(text, "history.json", in: folder)
            let command = [
                "balance", "replay", history, "--replicas", "6", "--gpus", "2", "--modes", "off,static,live",
                "--cadence",
                "5", "--expert-bytes", "10", "--state-bytes", "60", "--significance", "0", "--format",
            ]
            let json = try object(Command(arguments: command + ["json"]).output)
            let modes = try #require(json["modes"] as? [[String: Any]])
            #expect(modes.map { $0["mode"] as? String } == ["off", "static", "live"])
            let steps = try #require(modes[2]["steps"] as? [[String: Any]])
            #expect(steps.count == 23 && steps[0]["step"] as? Int == 100)
            let balances = modes.compactMap { $0["balance"] as? Double }
            #expect(abs(balances[0] - 0.8) < 1e-9 && balances[2] > balances[0])
            #expect(try #require(modes[2]["copies"] as? Int) > 0 && modes[0]["copies"] as? Int == 0)
            for (format, part) in [
                ("table", "owners moved"), ("csv", "mode,step,balance,copies\noff,100,0.8,0\n"), ("svg", "<svg"),
                ("html", "balance, live"),
            ] {
                let other = try Command(arguments: command + [format])
                #expect(other.status == 0 && other.output.contains(part), "\(other.errors)")
            }
            // The sum of the windows is what a placement is made for.
            let plain = try Command(
                "balance", history, "--replicas", "6", "--gpus", "2", "--format", "json", "-o",
                folder.appending(path: "placement.json").path)
            #expect(plain.status == 0, "\(plain.errors)")
            let fixed = try Command(
                arguments: command + ["table", "--placement", folder.appending(path: "placement.json").path])
            #expect(fixed.status == 0 && fixed.output.contains("static"), "\(fixed.errors)")
        }
    }

    @Test("A stream is replayed in every format") func aStreamIsReplayed() throws {
        try withTemporaryFolder { folder in
            let rows = (0..<6).map { "\($0),0,\(10 + $0),20,30,\(40 - $0)\n" }.joined()
            let stream = try write("iter,layer,e0,e1,e2,e3\n" + rows, "stream.csv", in: folder)
            for format in ["table", "json", "csv", "svg", "html"] {
                let command = try Command(
                    "balance", "replay", stream, "--replicas", "6", "--gpus", "2", "--max-copies", "2", "--format",
                    format)
                #expect(command.status == 0 && !command.output.isEmpty, "\(command.errors)")
            }
        }
    }

    @Test("Loads are read from standard input") func loadsComeFromAPipe() throws {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let command = Command.products.appending(path: "contraflow").path
            let options = "--replicas 16 --gpus 4 --format json"
            let piped = try Command(
                arguments: ["-c", "'\(command)' balance - \(options) < '\(loads)'"], program: URL(filePath: "/bin/sh"))
            #expect(piped.status == 0 && piped.output.contains("physical_to_logical_map"), "\(piped.errors)")
            let empty = try Command("balance", "-", "--replicas", "16", "--gpus", "4")
            #expect(empty.status == 1 && empty.errors.hasPrefix("Error: -: there are no loads"))
        }
    }

    @Test("Wrong options are usage errors, and impossible placements are errors of one line") func errorsAreOneLine()
        throws
    {
        try withTemporaryFolder { folder in
            let loads = try write(example, "loads.json", in: folder)
            let usage: [[String]] = [
                ["--gpus", "4"], ["--replicas", "16", "--gpus", "0"], ["--replicas", "x", "--gpus", "4"],
                ["--replicas", "16", "--gpus", "4", "--max-copies", "3"],
                ["--replicas", "16", "--gpus", "4", "--policy", "best"],
                ["--replicas", "16", "--gpus", "4", "--failed", "9"],
                ["--replicas", "16", "--gpus", "4", "--speeds", "1,x,1,1"],
                ["--replicas", "16", "--gpus", "4", "--policy", "deepseek", "--failed", "1"],
                ["--replicas", "16", "--gpus", "4", "--max-remote", "0.1"],
                ["--replicas", "16", "--gpus", "4", "--groups", "4"],
                ["--replicas", "16", "--gpus", "4", "--nodes", "2"],
                ["--replicas", "16", "--gpus", "4", "--policy", "deepseek", "--no-duplicates"],
                ["--replicas", "16", "--gpus", "4", "--nodes", "2", "--groups", "4", "--max-remote", "2"],
                ["--replicas", "16", "--gpus", "4", "--device-slots", "9"],
                ["--replicas", "16", "--gpus", "4", "--current", loads, "--max-bytes", "1GB"],
                ["--replicas", "16", "--gpus", "4", "--expert-bytes", "1.5 miles"],
                ["--replicas", "16", "--gpus", "4", "--expert-bytes", "3MB"],
                ["--replicas", "16", "--gpus", "4", "--significance", "3"],
                ["--replicas", "16", "--gpus", "4", "--significance", "0"],
                ["--replicas", "16", "--gpus", "4", "--objective", "mean"],
                ["--replicas", "16", "--gpus", "4", "--objective", "worst"],
                ["--device-slots", "9", "--gpus", "4", "--format", "sglang"],
                [loads, "--replicas", "16", "--gpus", "4", "--format", "svg"],
                [loads, "--replicas", "16", "--gpus", "4", "--policy", "deepseek"],
            ]
            for arguments in usage {
                let command = try Command(arguments: ["balance", loads] + arguments)
                #expect(command.status == 64, "\(arguments): \(command.errors)")
                #expect(command.output.isEmpty)
                #expect(!command.errors.contains("contraflow <subcommand>"), "\(command.errors)")
            }
            let failures: [[String]] = [
                ["--replicas", "8", "--gpus", "4"],
                ["--replicas", "16", "--gpus", "4", "--groups", "3", "--nodes", "2"],
                ["--replicas", "16", "--gpus", "4", "--groups", "5", "--nodes", "1"],
                ["--replicas", "16", "--gpus", "4", "--current", loads],
                ["--replicas", "15", "--gpus", "4", "--policy", "deepseek"],
            ]
            for arguments in failures {
                let command = try Command(arguments: ["balance", loads] + arguments)
                #expect(command.status == 1, "\(arguments): \(command.errors)")
                #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)")
            }
            let bad = try write("[[1, -2]]", "bad.json", in: folder)
            let command = try Command("balance", bad, "--replicas", "2", "--gpus", "1")
            #expect(
                command.errors
                    == "Error: \(bad): layer 0, expert 1: -2.0 is not a load: give numbers from 0 to 1e+30\n")
        }
    }
}
