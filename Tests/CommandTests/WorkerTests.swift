import Foundation
import TestSupport
import Testing

/// Runs that need the worker: their end, and the rendezvous of ranks without the launcher.
@Suite(
    .serialized,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: Command.products.appending(path: "contraflow-worker").path)))
struct WorkerTests {
    let worker = Command.products.appending(path: "contraflow-worker")

    func arguments(in folder: URL, steps: Int) -> [String] {
        [
            "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
            folder.appending(path: "runs").path, "--pp", "2", "--ep", "1", "--steps", "\(steps)",
        ]
    }

    @Test(
        "A run's recipe with impossible sizes is refused by generate before any memory is taken",
        arguments: [
            ("hidden_size = -1", "model.hidden_size is -1: it must be at least 1"),
            ("num_hidden_layers = 1000000000", "model.num_hidden_layers is 1000000000: it must be at most 4096"),
            ("n_group = 3", "model.n_routed_experts is"),
        ])
    func impossibleSizes(line: String, says: String) throws {
        try withTemporaryFolder { folder in
            try Data("[model]\n\(line)\n".utf8).write(to: folder.appending(path: "recipe.toml"))
            let command = try Command(arguments: ["generate", folder.path])
            #expect(command.status == 1 && command.errors.contains(says), "\(command.errors)")
        }
    }

    @Test(
        "A signal ends a run with its report and no temporary files",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aSignalEndsARunWithItsReport(signal: Int32, status: Int32) throws {
        try withText { folder in
            let rendezvous = folder.appending(path: "tmp")
            try FileManager.default.createDirectory(at: rendezvous, withIntermediateDirectories: false)
            let run = folder.appending(path: "runs/debug")
            let command = try Command(
                arguments: arguments(in: folder, steps: 1_000_000), environment: ["TMPDIR": rendezvous.path]
            ) { process, _ in
                try wait(for: 3, of: run)
                kill(process.processIdentifier, signal)
            }
            #expect(command.status == status)
            #expect(command.errors.contains("interrupted: "), "\(command.errors)")
            #expect(
                command.errors.contains("\nto continue:  ") && command.errors.contains("train --resume \(run.path)\n"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: rendezvous.path).isEmpty)
            #expect(FileManager.default.fileExists(atPath: run.appending(path: "report.html").path))
        }
    }

    @Test("A resumed run has the losses of a run without interruption") func aResumedRunHasTheSameLosses() throws {
        try withText { folder in
            let run = folder.appending(path: "runs/debug")
            let steps = 30
            _ = try Command(arguments: arguments(in: folder, steps: steps)) { process, _ in
                try wait(for: 3, of: run)
                kill(process.processIdentifier, SIGINT)
            }
            let before = try losses(run)
            #expect(before.count >= 3 && before.count < steps)
            let resumed = try Command("train", "--resume", run.path)
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try Command(arguments: arguments(in: folder, steps: steps)).status == 0)
            let whole = try losses(folder.appending(path: "runs/debug-2"))
            let joined = try losses(run)
            #expect(whole.count == steps && joined == whole)
            let again = try Command("train", "--resume", run.path)
            #expect(again.status == 1 && again.errors.contains("give more steps with --steps"))
        }
    }

    @Test("A run that is interrupted before its first step promises nothing and leaves no folder", arguments: [1, 2])
    func aRunInterruptedBeforeItsFirstStep(signals: Int) throws {
        try withText { folder in
            let command = try Command(arguments: arguments(in: folder, steps: 1_000_000)) { process, errors in
                try wait { text(errors).contains("debug: ") }
                for _ in 0..<signals { kill(process.processIdentifier, SIGINT) }
            }
            guard command.errors.contains("interrupted before the first step") else { return }
            #expect(command.status == 130 && !command.errors.contains("--resume"), "\(command.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs/debug").path))
        }
    }

    @Test("A model without routed experts has a hyphen for their balance", arguments: [0, 1]) func noExperts(
        prediction: Int
    )
        throws
    {
        try withText { folder in
            let options = [
                "--model.first_k_dense_replace", "9", "--model.num_nextn_predict_layers", "\(prediction)", "--ep", "1",
            ]
            let command = try Command(arguments: arguments(in: folder, steps: 2) + options)
            #expect(command.status == 0 && command.errors.contains("expert balance -\n"), "\(command.errors)")
            #expect(!text(folder.appending(path: "runs/debug/metrics.jsonl")).contains("expertBalance"))
        }
    }

    @Test("A closed pipe ends the run with status 141") func aClosedPipeEndsTheRun() throws {
        try withText { folder in
            let command = Command.products.appending(path: "contraflow").path
            let line = ([command] + arguments(in: folder, steps: 400)).joined(separator: " ")
            let status = folder.appending(path: "status")
            let script = "{ \(line) 2>&1; echo $? >\(status.path); } | head -n 1"
            let shell = try Command(arguments: ["-c", script], program: URL(filePath: "/bin/sh"))
            #expect(shell.output.hasPrefix("debug: "))
            try wait { text(status) == "141\n" }
        }
    }

    @Test("A libtorch of another version is refused before any rank starts") func aLibtorchOfAnotherVersionIsRefused()
        throws
    {
        try withText { folder in
            // A library that reports the version 2.1.3 of libtorch.
            let source = folder.appending(path: "other.c")
            let library = folder.appending(path: "libother.so")
            try Data("unsigned long aoti_torch_abi_version(void) { return 0x0201030000000000ul; }\n".utf8).write(
                to: source)
            let compiler = try Command(
                arguments: ["cc", "-shared", "-fPIC", "-o", library.path, source.path],
                program: URL(filePath: "/usr/bin/env"))
            try #require(compiler.status == 0, "\(compiler.errors)")
            let environment = ["LD_PRELOAD": library.path]
            let says = "Error: libtorch 2.1.3 is loaded from \(library.path), but this program was built against "
            let alone = try Command(arguments: ["--version"], program: worker, environment: environment)
            #expect(alone.status == 1 && alone.errors.hasPrefix(says), "\(alone.errors)")
            let run = try Command(arguments: arguments(in: folder, steps: 1), environment: environment)
            #expect(run.status == 1 && run.errors.hasPrefix(says), "\(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
        }
    }

    // MARK: Devices

    /// No machine has 64 CUDA devices, and most have none.
    @Test("Missing CUDA devices are reported before any rank starts") func missingDevicesAreRefused() throws {
        try withText { folder in
            let command = try Command(arguments: [
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
                folder.appending(path: "runs").path, "--pp", "8", "--ep", "8", "--training.global_batch_size", "64",
                "--training.device", "cuda",
            ])
            #expect(
                command.status == 1 && command.errors.hasPrefix("Error: training.device is 'cuda'"), "\(command.errors)"
            )
            #expect(command.errors.split(separator: "\n").count == 1 && command.output.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
            let devices = try Command(arguments: ["devices", "--ranks", "1000"], program: worker)
            #expect(devices.status == 1 && devices.output.isEmpty)
            #expect(devices.errors.split(separator: "\n").count == 1, "\(devices.errors)")
        }
    }

    /// A rank that no launcher has checked reports the missing device itself.
    @Test("A rank without a CUDA device fails before the rendezvous") func aRankWithoutADeviceFails() throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2, "--training.device", "cuda")
            let environment = variables(rank: 1, port: 29_500).merging(["LOCAL_RANK": "1000"]) { $1 }
            let rank = try Command(arguments: arguments, program: worker, environment: environment)
            #expect(rank.status == 1 && rank.errors.hasPrefix("Error: training.device is 'cuda'"), "\(rank.errors)")
            #expect(rank.errors.split(separator: "\n").count == 1, "\(rank.errors)")
        }
    }

    // MARK: Rendezvous at an address, as with torchrun and srun

    /// Writes a recipe for two ranks and creates the folder of a run. Returns the arguments of the worker.
    func prepare(_ folder: URL, steps: Int, _ options: String...) throws -> [String] {
        let printed = try Command(arguments: arguments(in: folder, steps: steps) + options + ["--print-recipe"])
        let recipe = folder.appending(path: "recipe.toml")
        try Data(printed.output.utf8).write(to: recipe)
        let run = folder.appending(path: "run")
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: false)
        return ["--recipe", recipe.path, "--folder", run.path]
    }

    func variables(rank: Int, port: Int, seconds: Int = 20) -> [String: String] {
        [
            "RANK": "\(rank)", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)",
            "CONTRAFLOW_RENDEZVOUS_TIMEOUT": "\(seconds)",
        ]
    }

    /// Returns a socket that listens on a free port, and the port.
    func listeningSocket() throws -> (socket: Int32, port: Int) {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        try #require(status)
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Reads a file of `/proc`. `String(contentsOf:)` reads only its first page.
    func contents(_ path: String) -> String {
        let data = (try? FileHandle(forReadingFrom: URL(filePath: path)).readToEnd()) ?? nil
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// Returns the local addresses, as hexadecimal digits, of the sockets that listen on `port`.
    private func listeners(on port: Int) -> [String] {
        ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            contents(path).split(separator: "\n").dropFirst().compactMap { line -> String? in
                let fields = line.split(separator: " ")
                let place = fields[1].split(separator: ":")
                return fields[3] == "0A" && Int(place[1], radix: 16) == port ? String(place[0]) : nil
            }
        }
    }

    @Test("The rendezvous at 127.0.0.1 listens only on the loopback interface") func theRendezvousUsesOnlyLoopback()
        throws
    {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            let (socket, port) = try listeningSocket()
            close(socket)
            var seen: [String] = []
            let first = try Command(
                arguments: arguments, program: worker, environment: variables(rank: 0, port: port)
            ) { _, _ in
                try wait { !listeners(on: port).isEmpty }
                seen = listeners(on: port)
                let second = try Command(
                    arguments: arguments, program: worker, environment: variables(rank: 1, port: port))
                #expect(second.status == 0, "\(second.errors)")
            }
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.split(separator: "\n").count == 2)
            #expect(seen == ["0100007F"])
        }
    }

    @Test("A MASTER_PORT in use is named") func aPortInUseIsNamed() throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            let (socket, port) = try listeningSocket()
            defer { close(socket) }
            let first = try Command(
                arguments: arguments, program: worker, environment: variables(rank: 0, port: port))
            #expect(first.status == 1)
            #expect(
                first.errors
                    == "Error: MASTER_PORT is \(port), which another program on this machine uses: give a free port\n")
        }
    }

    /// The variables that srun sets for the tasks of a step. MASTER_ADDR and MASTER_PORT are not among them.
    @Test("Slurm's ranks find each other without MASTER_ADDR and MASTER_PORT") func slurmNeedsNoMaster() throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            func variables(_ rank: Int) -> [String: String] {
                [
                    "SLURM_PROCID": "\(rank)", "SLURM_LOCALID": "\(rank)", "SLURM_NTASKS": "2", "SLURM_STEP_ID": "0",
                    "SLURM_JOB_ID": "\(ProcessInfo.processInfo.processIdentifier)", "SLURM_STEP_NODELIST": "localhost",
                    "SLURM_JOB_NODELIST": "node[01-04]", "CONTRAFLOW_RENDEZVOUS_TIMEOUT": "20",
                ]
            }
            let first = try Command(arguments: arguments, program: worker, environment: variables(0)) { _, _ in
                let second = try Command(arguments: arguments, program: worker, environment: variables(1))
                #expect(second.status == 0, "\(second.errors)")
            }
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.split(separator: "\n").count == 2)
            // Warnings that the launcher would print.
            #expect(first.errors.hasPrefix("Warning: lr_scheduler.warmup_steps is 5, but training.steps is 2"))
        }
    }

    @Test("A missing rank 0 is reported after the timeout") func aMissingRankZeroIsReportedAfterTheTimeout() throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            let (socket, port) = try listeningSocket()
            close(socket)
            let second = try Command(
                arguments: arguments, program: worker, environment: variables(rank: 1, port: port, seconds: 1))
            #expect(second.status == 1)
            #expect(
                second.errors.hasPrefix(
                    "Error: MASTER_ADDR and MASTER_PORT: no server answers at 127.0.0.1:\(port) after 1 s"))
            #expect(second.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("Ranks that do not come are named after the timeout") func missingRanksAreNamed() throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            let (socket, port) = try listeningSocket()
            close(socket)
            let first = try Command(
                arguments: arguments, program: worker, environment: variables(rank: 0, port: port, seconds: 1))
            #expect(first.status == 1)
            #expect(
                first.errors.contains("Error: rank 1 has not joined 127.0.0.1:\(port) after 1 s"), "\(first.errors)")
        }
    }

    @Test(
        "An invalid environment variable is named in one line",
        arguments: [
            (["MASTER_ADDR": "no such host"], "MASTER_ADDR is 'no such host': "),
            (["MASTER_PORT": "0"], "MASTER_PORT is 0"),
            (["RANK": "2"], "RANK is 2, but WORLD_SIZE is 2"), (["WORLD_SIZE": "two"], "WORLD_SIZE is 'two'"),
            (["CONTRAFLOW_RENDEZVOUS_TIMEOUT": "soon"], "CONTRAFLOW_RENDEZVOUS_TIMEOUT is 'soon'"),
            (
                ["WORLD_SIZE": "3"],
                "there are 3 ranks, but parallelism.pipeline_parallel_degree x expert_parallel_degree is 2"
            ),
        ])
    func invalidVariablesAreNamed(environment: [String: String], says: String) throws {
        try withText { folder in
            let arguments = try prepare(folder, steps: 2)
            let all = variables(rank: 1, port: 29_500, seconds: 1).merging(environment) { $1 }
            let command = try Command(arguments: arguments, program: worker, environment: all)
            #expect(command.status == 1 && command.errors.contains(says), "\(command.errors)")
            #expect(command.errors.split(separator: "\n").count == 1)
        }
    }
}
