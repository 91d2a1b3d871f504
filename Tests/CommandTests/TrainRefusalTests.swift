import Foundation
import Testing

/// User errors. Each is reported in one line, before any rank starts, and leaves no run folder.
@Suite(.serialized) struct TrainRefusalTests {
    /// Runs `contraflow train` on a file of the folder and expects one line and no run folder.
    private func expectRefusal(
        in folder: URL, _ arguments: [String], status: Int32 = 1, says: String, program: URL? = nil,
        environment: [String: String] = [:]
    ) throws {
        let data = arguments.contains("--data") ? [] : ["--data", folder.appending(path: "text.txt").path]
        let runs = folder.appending(path: "runs").path
        let command = try Command(
            arguments: ["train", "--preset", "debug", "--job.dump_folder", runs] + data + arguments, program: program,
            environment: environment)
        #expect(command.status == status, "\(command.errors)")
        #expect(command.errors.contains(says), "\(command.errors)")
        #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)")
        #expect(command.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
    }

    @Test("Unusable data is refused with the file and the problem") func unusableData() throws {
        try withText { folder in
            let files: [(name: String, bytes: [UInt8])] = [
                ("empty.txt", []), ("short.txt", Array("hello".utf8)),
                ("image.png", [137, 80, 78, 71] + [UInt8](repeating: 0, count: 100)),
                ("odd.bin", [1, 2, 3]), ("wild.bin", [UInt8](repeating: 255, count: 1000)),
            ]
            for file in files { try Data(file.bytes).write(to: folder.appending(path: file.name)) }
            try FileManager.default.createDirectory(
                at: folder.appending(path: "nothing"), withIntermediateDirectories: false)
            let cases: [(name: String, type: String, says: String)] = [
                ("nowhere", "bytes", "does not exist"), ("nothing", "bytes", "has no files"),
                ("empty.txt", "bytes", "is empty"),
                ("short.txt", "bytes", "is too short: training.seq_len 32 needs 34"),
                ("image.png", "bytes", "is not text: byte 4 is zero"),
                ("odd.bin", "uint16", "has 3 bytes, but uint16 needs a multiple of 2"),
                ("wild.bin", "uint16", "has token 65535 at 0, but model.vocab_size is 256: give at least 65536"),
            ]
            for (name, type, says) in cases {
                let path = folder.appending(path: name).path
                try expectRefusal(
                    in: folder, ["--data", path, "--training.dataset_format", type],
                    says: "training.dataset_path: \(path) \(says)")
            }
        }
    }

    @Test("Weights to start from that are missing are refused") func missingWeights() throws {
        try withText { folder in
            let recipe = folder.appending(path: "recipe.toml")
            try Data("[model]\nhidden_size = 64\nweights = '\(folder.path)'\n".utf8).write(to: recipe)
            try expectRefusal(
                in: folder, ["--config", recipe.path], says: "model.weights: \(folder.path) has no safetensors files")
        }
    }

    @Test("Ranks that exceed the machine's memory are refused") func moreRanksThanMemoryAllows() throws {
        try withText { folder in
            try expectRefusal(
                in: folder,
                [
                    "--preset", "deepseek-v3-671b", "--training.dataset_format", "bytes", "--training.seq_len", "64",
                ], says: "parallelism.pipeline_parallel_degree x expert_parallel_degree: 1024 ranks take about")
        }
    }

    @Test("A run's folder that cannot be created is an error of one line") func aRunFolderThatCannotBeCreated() throws {
        try withText { folder in
            let command = try Command(arguments: [
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
                folder.appending(path: "text.txt").path,
            ])
            #expect(command.status == 1 && command.errors.split(separator: "\n").count == 1, "\(command.errors)")
            // Without a worker, the missing worker is reported first.
            #expect(
                command.errors.contains("job.dump_folder: cannot create a folder in")
                    || command.errors.contains("contraflow-worker is missing"))
        }
    }

    /// Calls `body` with a copy of the command in a folder of its own, beside a script as its worker, or without a
    /// worker.
    private func withCommand(beside script: String?, _ body: (URL, URL) throws -> Void) throws {
        try withText { folder in
            let programs = folder.appending(path: "bin")
            try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: false)
            let command = programs.appending(path: "contraflow")
            try FileManager.default.copyItem(at: Command.products.appending(path: "contraflow"), to: command)
            if let script {
                let worker = programs.appending(path: "contraflow-worker").path
                let isMade = FileManager.default.createFile(
                    atPath: worker, contents: Data("#!/bin/sh\n\(script)\n".utf8),
                    attributes: [.posixPermissions: 0o755])
                #expect(isMade)
            }
            try body(folder, command)
        }
    }

    @Test("A missing worker is reported with the path that was searched") func aMissingWorker() throws {
        try withCommand(beside: nil) { folder, command in
            try expectRefusal(
                in: folder, [], says: "contraflow-worker is missing: it is not beside", program: command)
            try expectRefusal(
                in: folder, [], says: "CONTRAFLOW_WORKER is /nowhere, which is not an executable file",
                program: command,
                environment: ["CONTRAFLOW_WORKER": "/nowhere"])
        }
    }

    @Test(
        "A signal before the ranks start ends the run and the program that it waits for", arguments: [SIGINT, SIGTERM])
    func signalsBeforeTheRanks(signal: Int32) throws {
        try withCommand(beside: "echo $$ >\"$0.pid\"; exec sleep 600") { folder, launcher in
            var worker: Int32?
            let command = try Command(
                arguments: ["train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path],
                program: launcher
            ) { process, _ in
                try wait {
                    worker = Int32(text(URL(filePath: launcher.path + "-worker.pid")).dropLast())
                    return worker != nil
                }
                kill(process.processIdentifier, signal)
            }
            #expect(command.status == 128 + signal, "\(command.errors)")
            #expect(try kill(#require(worker), 0) != 0, "the worker still runs")
        }
    }

    @Test(
        "A worker that cannot start is reported with its reason, by train and by doctor",
        arguments: [
            (
                "echo 'w: error while loading shared libraries: libtorch_cpu.so: gone' >&2; exit 127",
                "libtorch is missing:"
            ),
            (
                "echo 'w: symbol lookup error: w: undefined symbol: _ZN5torch' >&2; exit 127",
                "libtorch is not the version that"
            ),
            ("echo 'Error: libtorch 2.1.0 is loaded' >&2; exit 1", "Error: libtorch 2.1.0 is loaded"),
            ("kill -SEGV $$", "does not start: libtorch may be damaged"),
            ("echo '0.0.9 (libtorch 2.13.0)'", "is not the worker of contraflow"),
        ])
    func aWorkerThatCannotStart(script: String, says: String) throws {
        try withCommand(beside: script) { folder, command in
            try expectRefusal(in: folder, [], says: says, program: command)
            let doctor = try Command(arguments: ["doctor"], program: command)
            #expect(doctor.status == 0 && doctor.output.contains("training    not possible: "))
        }
    }
}
