import Foundation
import TestSupport
import Testing

/// Help texts, tables and errors, compared exactly with the texts in `Snapshots`.
@Suite("Snapshots") struct SnapshotTests {
    private static let worker = Command.products.appending(path: "contraflow-worker")
    private static let hasWorker = FileManager.default.isExecutableFile(atPath: worker.path)
    private static let traces = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ProfilerTracesTests/Fixtures").path

    /// The loads of the example of DeepSeek's EPLB.
    private static let loads =
        "[[90,132,40,61,104,165,39,4,73,56,183,86],[20,107,104,64,19,197,187,157,172,86,16,27]]"

    // MARK: Help

    private func expectHelp(of words: [String], _ name: String, program: URL? = nil) throws {
        let help = try Command(arguments: words + ["--help"], program: program, environment: ["COLUMNS": "100"])
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(!help.output.isEmpty)
        try expectSnapshot(help.output, "Help/\(name)")
    }

    @Test(
        "The help of every command is as recorded",
        arguments: [
            "", "train", "generate", "plan", "balance", "balance place", "balance frontier", "balance replay",
            "analyze", "doctor",
        ])
    func help(of command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        try expectHelp(of: words, (["contraflow"] + words).joined(separator: "-"))
    }

    @Test(
        "The help of every command of the worker is as recorded", .enabled(if: hasWorker),
        arguments: ["", "train", "generate", "devices"])
    func helpOfTheWorker(command: String) throws {
        let words = command.isEmpty ? [] : [command]
        try expectHelp(of: words, (["contraflow-worker"] + words).joined(separator: "-"), program: Self.worker)
    }

    // MARK: Tables and errors

    /// Returns a command line with the output, the errors and the status of its run. `folder` becomes `FOLDER`.
    private func transcript(_ line: String, in folder: URL, withErrors: Bool = true) throws -> String {
        let words = line.split(separator: " ").map {
            String($0).replacing("TRACES", with: Self.traces).replacing("FOLDER", with: folder.path)
        }
        let command = try Command(arguments: words, environment: ["COLUMNS": "100"])
        var text = "$ contraflow \(line)\n\(command.output)"
        if withErrors { text += command.errors }
        if command.status != 0 { text += "exit code \(command.status)\n" }
        return text.replacing(folder.path, with: "FOLDER").replacing(Self.traces, with: "TRACES")
    }

    /// A trace of one kernel.
    private static func kernel(named name: String) -> String {
        #"[{"ph":"X","cat":"kernel","name":"\#(name)","ts":1,"dur":2,"pid":0,"tid":7,"args":{"stream":7,"device":0}}]"#
    }

    private func expectTranscripts(_ lines: [String], _ name: String, withErrors: Bool = true) throws {
        try withTemporaryFolder { folder in
            let stream = "iter,layer,e0,e1,e2,e3\n" + (0..<6).map { "\($0),0,\(10 + $0),20,30,\(40 - $0)\n" }.joined()
            let files = [
                "loads.json": Self.loads, "negative.json": "[[1,-2]]", "stream.csv": stream,
                "rank0.csv": "layer_id,expert_id,count\n1,0,30\n1,3,50\n",
                "rank1.csv": "layer_id,expert_id,count\n1,0,20\n1,2,40\n",
                "junk.csv": "0F0,0B0junk\n", "costs.toml": "forwards = 1\n",
                "recipe.toml": "[training]\nsteps = \"many\"\n", "text.txt": "text",
                "long.txt": String(repeating: "To be, or not to be.\n", count: 100),
                "tall.csv": (0...65_536).map { "\($0)F0\n" }.joined(),
                "tall-loads.csv": String(repeating: "1,2\n", count: 65_537),
                "dotted.toml": Array(repeating: "a", count: 17).joined(separator: ".") + " = 1\n",
                "nested.toml": "[training]\na = " + String(repeating: "[", count: 17),
                "keys.toml": (0...10_000).map { "k\($0) = 1\n" }.joined(),
                "wide.json": "{\"version\":" + String(repeating: "[", count: 99),
                "controls.csv": "0F0,\u{1B}[2J\u{0}\n", "controls.toml": "[training]\n\"\\u001B[2J\\u202E\" = 1\n",
                "controls.json": Self.kernel(named: #"\u001b[31mred\u202e\n\u0007"#),
            ]
            for (file, text) in files { try Data(text.utf8).write(to: folder.appending(path: file)) }
            let texts = try lines.map { try transcript($0, in: folder, withErrors: withErrors) }
            try expectSnapshot(texts.joined(separator: "\n"), name)
        }
    }

    @Test("The tables of plan are as recorded") func planTables() throws {
        try expectTranscripts(
            [
                "plan --ranks 4 --microbatches 8", "plan --ranks 4 --microbatches 8 --memory 3",
                "plan --ranks 1 --microbatches 1 --schedule 1f1b",
                "plan --ranks 2 --microbatches 4 --schedule dualpipe --schedule zb1p --transfer 0.5",
                "plan --ranks 4 --activation-memory 2 --parameter-memory 8 --device-memory 20",
                "plan --ranks 2 --microbatches 4 --schedule dualpipe --format csv -o FOLDER/dualpipe.csv",
                "plan --check FOLDER/dualpipe.csv", "plan --check FOLDER/dualpipe.csv --format json",
                "plan --costs deepseek-v3-h800 --print-costs",
            ], "Tables/plan")
    }

    @Test("The tables of balance are as recorded") func balanceTables() throws {
        let world = "FOLDER/loads.json --replicas 16 --gpus 8 --nodes 2 --groups 4"
        try expectTranscripts(
            [
                "balance FOLDER/loads.json --replicas 16 --gpus 4",
                "balance \(world) --policy deepseek --format json -o FOLDER/placement.json",
                "balance \(world) --policy deepseek", "balance \(world) --max-remote 0.1",
                "balance FOLDER/loads.json --replicas 16 --gpus 8 --current FOLDER/placement.json --max-copies 1 "
                    + "--significance 0 --expert-bytes 44MB",
                "balance FOLDER/loads.json --device-slots 9 --gpus 4", "balance frontier \(world)",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --max-copies 2 --expert-bytes 44MB",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --modes off,static,live --expert-bytes 44MB",
                "balance FOLDER/rank0.csv FOLDER/rank1.csv --replicas 6 --gpus 2",
                "balance FOLDER/rank0.csv --replicas 6 --gpus 2 --format vllm",
            ], "Tables/balance")
    }

    @Test("The tables of analyze are as recorded") func analyzeTables() throws {
        try expectTranscripts(
            [
                "analyze TRACES/small.json", "analyze TRACES/run --top 3",
                "analyze TRACES/small.json --against TRACES/small.json --top 2",
                "analyze TRACES/small.json --compatible hta",
            ], "Tables/analyze")
    }

    @Test("The dry run and the recipe of train are as recorded") func trainTables() throws {
        try expectTranscripts(
            [
                "train --preset debug --data FOLDER/long.txt --dry-run",
                "train --preset deepseek-v3-671b --dry-run --device-memory 80",
                "train --print-recipe",
            ],
            "Tables/train", withErrors: false)
    }

    /// The values that depend on the machine become `…`. A copy of the command without a worker reports what is
    /// missing.
    @Test("The findings of doctor are as recorded") func doctor() throws {
        try withTemporaryFolder { folder in
            let command = folder.resolvingSymlinksInPath().appending(path: "contraflow")
            try FileManager.default.copyItem(at: Command.products.appending(path: "contraflow"), to: command)
            let doctor = try Command(arguments: ["doctor"], program: command)
            #expect(doctor.status == 0 && doctor.errors.isEmpty)
            let lines = doctor.output.split(separator: "\n").map { line in
                let name = line.prefix { $0 != " " }
                return ["contraflow", "training"].contains(name) ? String(line) : "\(line.prefix(12))…"
            }
            let text = lines.joined(separator: "\n") + "\n"
            try expectSnapshot(text.replacing(command.path, with: "FOLDER/contraflow"), "Tables/doctor")
        }
    }

    @Test("The errors of plan are as recorded") func planErrors() throws {
        try expectTranscripts(
            [
                "plan --ranks 0", "plan --ranks -1", "plan --ranks many", "plan --frobnicate", "plan --format svg",
                "plan --schedule dualpip", "plan --schedule 1f1b --synthesize", "plan --check FOLDER/junk.csv",
                "plan --check FOLDER/missing.csv", "plan --costs FOLDER/costs.toml", "plan --costs cheap",
                "plan --forward=-1", "plan --pair 1 --overlap-saving 2", "plan --memory 1", "plan --memory 0",
                "plan --device-memory 20", "plan --slow 8=2", "plan --slow 1", "plan --jitter 1", "plan --budget soon",
                "plan --placement ring --synthesize", "plan --with-transfers",
                "plan --ranks 1000000 --microbatches 1000000", "plan --budget 5s", "plan --schedule 1f1b --memory 3",
                "plan --check FOLDER/junk.csv --ranks 2",
            ], "Errors/plan")
    }

    @Test("Files beyond the limits are refused as recorded, and names with control characters are escaped")
    func hostileFiles() throws {
        try expectTranscripts(
            [
                "plan --check FOLDER/tall.csv", "plan --check FOLDER/controls.csv", "plan --costs FOLDER/dotted.toml",
                "plan --costs FOLDER/nested.toml", "plan --costs FOLDER/keys.toml", "plan --costs /dev/zero",
                "plan --schedule 1f1b --ranks 1024 --microbatches 4096 --format svg",
                "train FOLDER/dotted.toml", "train FOLDER/nested.toml", "train FOLDER/keys.toml",
                "train FOLDER/controls.toml", "train /dev/zero", "train --pp 4097",
                "train --preset deepseek-v3-671b --pp 61 --ep 4096 --model.n_routed_experts 4096 --dry-run",
                "balance FOLDER/tall-loads.csv --replicas 2 --gpus 1", "balance FOLDER/wide.json --replicas 2 --gpus 1",
                "balance FOLDER/loads.json --replicas 65537 --gpus 1",
                "balance FOLDER/loads.json --slots 65536,1 --gpus 2",
                "analyze FOLDER/controls.json", "analyze FOLDER/controls.json --rules /dev/zero",
            ], "Errors/files")
    }

    @Test("The errors of balance are as recorded") func balanceErrors() throws {
        let loads = "balance FOLDER/loads.json"
        try expectTranscripts(
            [
                "balance", "balance FOLDER/missing.json --replicas 16 --gpus 4",
                "balance FOLDER/negative.json --replicas 2 --gpus 1", "\(loads) --gpus 4",
                "\(loads) --replicas 8 --gpus 4", "\(loads) --replicas 16 --gpus 0",
                "\(loads) --replicas 16 --slots 4,4 --gpus 2",
                "\(loads) --slots 4,4 --gpus 4", "\(loads) --replicas 16 --gpus 4 --policy best",
                "\(loads) --replicas 15 --gpus 4 --policy deepseek", "\(loads) --replicas 16 --gpus 4 --failed 9",
                "\(loads) --replicas 16 --gpus 4 --groups 5", "\(loads) --replicas 16 --gpus 4 --max-copies 3",
                "\(loads) --replicas 16 --gpus 4 --max-remote 0.1",
                "\(loads) --replicas 16 --gpus 4 --expert-bytes 44miles",
                "\(loads) --replicas 16 --gpus 4 --current FOLDER/loads.json",
                "balance frontier FOLDER/loads.json --replicas 16 --gpus 4",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --forecast best",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --modes off,best",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --costs 1,2,3",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --modes live --costs 1,2",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --modes live --caution 1",
                "balance replay FOLDER/stream.csv --replicas 6 --gpus 2 --modes live --placement FOLDER/loads.json",
                "balance replay FOLDER/loads.json --replicas 16 --gpus 4",
                "\(loads) --replicas 16 --gpus 3 --format sglang", "\(loads) FOLDER/rank0.csv --replicas 16 --gpus 4",
            ], "Errors/balance")
    }

    @Test("The errors of train and generate are as recorded") func trainErrors() throws {
        let train = "train --preset debug --data FOLDER/text.txt"
        try expectTranscripts(
            [
                "trian", "train --preset huge", "train --steps many", "train --steps -5", "train --lr 1",
                "train --optimizer.l_r 1", "train --optimizer.lr", "train --tp 2", "train --layout.pipeline 2",
                "train --model.dtype int8", "train --ep 3", "train --schedule dualpip --pp 2", "train --output mine",
                "train FOLDER/recipe.toml", "train FOLDER/missing.toml", "train --data FOLDER/missing", train,
                "train --resume FOLDER", "generate", "generate FOLDER/missing", "generate FOLDER --tokens 0",
                "generate FOLDER --temperature -1",
            ], "Errors/train")
    }

    @Test("The errors of analyze are as recorded") func analyzeErrors() throws {
        try expectTranscripts(
            [
                "analyze", "analyze FOLDER/missing.json", "analyze FOLDER/text.txt",
                "analyze TRACES/small.json --from 5 --to 3", "analyze TRACES/small.json --from 500",
                "analyze TRACES/small.json --top -1", "analyze TRACES/small.json --communication (",
                "analyze TRACES/small.json --compatible hta --from 1",
                "analyze TRACES/small.json --compatible hta --format html",
                "analyze TRACES/small.json --include-last-step",
                "analyze TRACES/small.json --against TRACES/small.json --format html",
            ], "Errors/analyze")
    }

    // MARK: Differences

    @Test("The difference of two texts lists removed and added lines") func differences() {
        let difference = lineDifference(from: "a\nb\nc\n", to: "a\nB\nc\nd\n")
        #expect(difference == "-2: b\n+2: B\n+4: d")
        #expect(lineDifference(from: "a\n", to: "a").split(separator: "\n") == ["-2: "])
        #expect(lineDifference(from: "a", to: "a").isEmpty)
    }
}
