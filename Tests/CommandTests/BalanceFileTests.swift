import Foundation
import TestSupport
import Testing

@Suite("Files of balance") struct BalanceFileTests {
    private let loads = "[[0,0,0,0],[100,10,10,10],[10,10,10,100]]"

    private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    @Test(
        "A placement in the format of an engine is read back without copies",
        arguments: ["json", "sglang", "tensorrt", "vllm", "ascend"])
    func enginesFormatsAreReadBack(format: String) throws {
        try withTemporaryFolder { folder in
            let loads = try write(loads, "loads.json", in: folder)
            let world = ["--replicas", "6", "--gpus", "3"]
            let file = folder.appending(path: "placement").path
            let written = try Command(arguments: ["balance", loads, "--format", format, "-o", file] + world)
            #expect(written.status == 0, "\(written.errors)")
            let again = try Command(arguments: ["balance", loads, "--current", file] + world)
            #expect(again.output.contains("\n0 copies"), "\(again.output)\(again.errors)")
        }
    }

    @Test("The extension of the output file is the format, unless --format is given")
    func extensionsAreFormats() throws {
        try withTemporaryFolder { folder in
            let loads = try write(loads, "loads.json", in: folder)
            func written(_ words: [String], _ name: String) throws -> String {
                let file = folder.appending(path: name)
                let command = try Command(arguments: words + ["-o", file.path])
                #expect(command.status == 0, "\(command.errors)")
                return try String(contentsOf: file, encoding: .utf8)
            }
            let place = ["balance", loads, "--replicas", "6", "--gpus", "3"]
            let plan = ["plan", "--schedule", "1f1b", "--ranks", "2", "--microbatches", "2"]
            for words in [place, plan] {
                #expect(try written(words, "a.svg").hasPrefix("<svg"))
                #expect(try written(words, "a.HTML").hasPrefix("<!doctype html>"))
                #expect(try written(words, "a.json").hasPrefix("{"))
                #expect(try !written(words + ["--format", "table"], "a.svg").hasPrefix("<svg"))
                #expect(try !written(words, "a.txt").hasPrefix("<"))
            }
        }
    }

    @Test("vLLM's and Ascend's files have the layers with load alone") func moeLayersAlone() throws {
        try withTemporaryFolder { folder in
            let loads = try write(loads, "loads.json", in: folder)
            func object(_ format: String) throws -> Any {
                let command = try Command("balance", loads, "--replicas", "6", "--gpus", "3", "--format", format)
                #expect(command.errors.contains("layers without load"))
                return try JSONSerialization.jsonObject(with: Data(command.output.utf8))
            }
            let rows = try #require(try object("vllm") as? [[Int]])
            #expect(rows.count == 2 && rows.allSatisfy { $0.count == 6 && Set($0) == [0, 1, 2, 3] })
            let map = try #require(try object("ascend") as? [String: Any])
            let layers = try #require(map["layer_list"] as? [[String: Any]])
            #expect(map["moe_layer_count"] as? Int == 2 && layers.compactMap { $0["layer_id"] as? Int } == [0, 1])
            let devices = try #require(layers[1]["device_list"] as? [[String: Any]])
            #expect(devices.compactMap { $0["device_expert"] as? [Int] }.flatMap(\.self) == rows[1])
        }
    }

    @Test(
        "Engines are refused unequal devices, with the next number of slots that divides equally",
        arguments: ["sglang", "tensorrt", "vllm", "ascend"])
    func enginesNeedEqualDevices(format: String) throws {
        try withTemporaryFolder { folder in
            let loads = try write("[[10,20,30,40,50,60,70,80]]", "loads.json", in: folder)
            let cases: [([String], String)] = [
                (["--replicas", "8", "--gpus", "3"], "give --replicas 9 (1 redundant expert)"),
                (["--slots", "4,3,3", "--gpus", "3"], "give --replicas 12 (4 redundant experts)"),
                (["--replicas", "4", "--gpus", "3"], "give --replicas 9 (1 redundant expert)"),
                (["--replicas", "8", "--gpus", "3", "--failed", "1"], "omit --failed"),
            ]
            for (world, part) in cases {
                let command = try Command(arguments: ["balance", loads, "--format", format] + world)
                #expect(
                    command.status == 1 && command.output.isEmpty && command.errors.contains(part), "\(command.errors)")
            }
            let table = try Command("balance", loads, "--replicas", "8", "--gpus", "3")
            #expect(table.status == 0)
            let next = try Command("balance", loads, "--replicas", "9", "--gpus", "3", "--format", format)
            #expect(next.status == 0, "\(next.errors)")
            // Two experts in four slots of one device.
            let few = try write("[[10,20]]", "few.json", in: folder)
            let twice = try Command("balance", few, "--replicas", "4", "--gpus", "1", "--format", format)
            #expect(twice.status == (format == "ascend" ? 1 : 0))
            #expect(twice.errors.contains("2 slots repeat an expert") == (format == "ascend"), "\(twice.errors)")
        }
    }

    @Test("Loads are read from gzip files and from pipes") func compressedFilesAndPipes() throws {
        try withTemporaryFolder { folder in
            let plain = try write("[[10,20,30,40]]", "loads.json", in: folder)
            let command = Command.products.appending(path: "contraflow").path
            func run(_ line: String) throws -> Command {
                try Command(
                    arguments: [
                        "-c",
                        "cd '\(folder.path)' && gzip -kf loads.json; \(line.replacing("RUN", with: "'\(command)' balance"))",
                    ],
                    program: URL(filePath: "/bin/sh"))
            }
            let expected = try Command("balance", plain, "--replicas", "4", "--gpus", "2").output
            for line in [
                "RUN loads.json.gz --replicas 4 --gpus 2", "RUN - --replicas 4 --gpus 2 < loads.json.gz",
                "mkfifo pipe && (cat loads.json > pipe & RUN pipe --replicas 4 --gpus 2)",
            ] {
                let piped = try run(line)
                #expect(piped.output == expected, "\(line): \(piped.errors)")
            }
            let cut = try run("head -c 30 loads.json.gz > cut.gz; RUN cut.gz --replicas 4 --gpus 2")
            #expect(cut.status == 1 && cut.errors == "Error: cut.gz is truncated: the compressed stream has no end\n")
        }
    }

    @Test("The counts of several ranks are one workload, and --experts adds experts without tokens")
    func ranksAreSummed() throws {
        try withTemporaryFolder { folder in
            let first = try write("layer_id,expert_id,count\n3,0,5\n3,2,7\n", "rank0.csv", in: folder)
            let second = try write("layer_id,expert_id,count\n3,2,1\n", "rank1.csv", in: folder)
            let summed = try Command(
                "balance", first, second, "--replicas", "4", "--gpus", "2", "--experts", "4", "--nodes", "2",
                "--groups", "2",
                "--format", "json")
            let object = try JSONSerialization.jsonObject(with: Data(summed.output.utf8)) as? [String: Any]
            let measures = try #require(object?["measures"] as? [String: Any], "\(summed.errors)")
            let layers = try #require(measures["layers"] as? [[String: Any]])
            // Experts 0 and 2 have 5 and 8 tokens, on one node each.
            #expect(layers.count == 4 && layers[3]["longest_load"] as? Double == 8)
            #expect((object?["notes"] as? [String])?.count == 2)
            let mixed = try write("[[1,2,3]]", "other.json", in: folder)
            let refused = try Command("balance", first, mixed, "--replicas", "4", "--gpus", "2")
            #expect(refused.status == 1 && refused.errors.contains("give files of one kind"), "\(refused.errors)")
        }
    }

    @Test("Loads of 0 and single tables for a replay are refused, and windows without load are left out")
    func nothingIsMadeOfNothing() throws {
        try withTemporaryFolder { folder in
            let zeros = try write("[[0,0,0,0]]", "zeros.json", in: folder)
            let world = ["--replicas", "4", "--gpus", "2"]
            for words in [["balance"], ["balance", "replay"]] {
                let command = try Command(arguments: words + [zeros] + world)
                #expect(command.status == 1 && command.errors.contains("all loads are 0"), "\(command.errors)")
            }
            let one = try write("[[1,2,3,4]]", "one.json", in: folder)
            let single = try Command(arguments: ["balance", "replay", one] + world)
            #expect(single.status == 1 && single.errors.contains("at least 2 windows"), "\(single.errors)")
            let idle = try write("[[[0,0,0,0]],[[1,2,3,4]],[[4,3,2,1]],[[0,0,0,0]]]", "idle.json", in: folder)
            let replay = try Command(arguments: ["balance", "replay", idle] + world)
            #expect(replay.output.contains("windows without load, left out: 2 of 4"), "\(replay.output)")
            #expect(replay.output.split(separator: "\n")[1].hasPrefix("1 "))
        }
    }

    @Test("Shares of tokens have a note, if the rule against noise takes them for tokens") func sharesHaveANote() throws
    {
        try withTemporaryFolder { folder in
            let loads = try write("[[0.5,0.2,0.2,0.1]]", "loads.json", in: folder)
            let current = try write("[0,1,2,3]", "current.json", in: folder)
            let world = ["balance", loads, "--replicas", "4", "--gpus", "2", "--current", current]
            for (options, isNoted) in [
                ([], false), (["--max-copies", "2"], true), (["--max-copies", "2", "--significance", "0"], false),
            ] {
                let command = try Command(arguments: world + options)
                #expect(command.output.contains("like shares") == isNoted, "\(command.output)\(command.errors)")
            }
        }
    }
}
