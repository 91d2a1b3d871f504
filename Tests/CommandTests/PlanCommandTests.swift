import Foundation
import TestSupport
import Testing

@Suite struct PlanCommandTests {
    @Test("All built-in schedules are compared, and the best one is recommended") func schedulesAreCompared() throws {
        let table = try Command("plan", "--ranks", "8", "--microbatches", "20")
        #expect(table.status == 0)
        #expect(table.errors.hasPrefix("recommended: ZB-V"))
        #expect(table.output.contains("DualPipe") && table.output.contains("66.0"))
        let json = try Command("plan", "--format", "json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["version"] as? Int == 1)
        #expect((object?["schedules"] as? [Any])?.count == 15)
    }

    @Test("A schedule that is written as CSV is read back with the given number of chains")
    func aScheduleIsWrittenAndReadBack() throws {
        let csv = try Command(
            "plan", "--schedule", "dualpipe", "--ranks", "4", "--microbatches", "10", "--format", "csv")
        #expect(csv.status == 0)
        try withTemporaryFile(csv.output) { path in
            let check = try Command("plan", "--check", path, "--chains", "2")
            #expect(check.status == 0)
            #expect(
                check.output.hasSuffix(
                    ": valid, 4 ranks, 8 stages, 10 micro-batches, peak activations 5.0 micro-batches\nvalid; PyTorch cannot run it: PyTorch supports one chain, "
                        + "but this schedule has 2: use a schedule of one chain\n"))
            let again = try Command("plan", "--schedule", path, "--chains", "2", "--format", "csv")
            #expect(again.output == csv.output)
            // Read as one chain, the file is an invalid schedule.
            let single = try Command("plan", "--check", path)
            #expect(single.status == 1)
            #expect(single.errors.split(separator: "\n").count == 1)
            #expect(single.errors.hasSuffix("the schedule is valid: give --chains 2 if it has two\n"))
            #expect(csv.errors.contains("read it with --chains 2"))
        }
    }

    @Test("The number of chains is read from the sidecar of a CSV") func chainsAreReadFromTheSidecar() throws {
        try withTemporaryFile("") { path in
            defer { try? FileManager.default.removeItem(atPath: path + ".chains.json") }
            let csv = try Command("plan", "--schedule", "dualpipe", "--ranks", "4", "--format", "csv", "-o", path)
            #expect(csv.status == 0)
            let check = try Command("plan", "--check", path)
            #expect(check.status == 0 && check.output.contains("8 stages, 20 micro-batches"))
            #expect(check.output.contains("valid; PyTorch cannot run it: PyTorch supports one chain"))
            // The sidecar does not outlive its schedule.
            #expect(try Command("plan", "--schedule", "zb-v", "--format", "csv", "-o", path).status == 0)
            #expect(!FileManager.default.fileExists(atPath: path + ".chains.json"))
            #expect(try Command("plan", "--check", path).output.contains("16 stages, 20 micro-batches"))
        }
    }

    @Test("The search finds a shorter step than all built-in schedules, reproducibly") func theSearchFindsAShorterStep()
        throws
    {
        let arguments = [
            "plan", "--ranks", "4", "--microbatches", "12", "--costs", "deepseek-v3-h800", "--memory", "5",
            "--synthesize", "--evaluations", "200", "--budget", "60s", "--format", "json",
        ]
        let json = try Command(arguments: arguments)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let schedules = try #require(object?["schedules"] as? [[String: Any]])
        let first = try #require(schedules.first)
        #expect((first["schedule"] as? String)?.hasPrefix("Synthesized") == true)
        let bound = try #require(first["bound_ns"] as? Int)
        let step = try #require(first["step_ns"] as? Int)
        #expect(bound <= step)
        #expect(schedules.allSatisfy { ($0["peak_activations"] as? Double ?? 9) <= 5 })
        #expect(try Command(arguments: arguments).output == json.output)
    }

    #if os(Linux)
    @Test("An interrupted search writes its best schedule", arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func anInterruptedSearchWritesItsBestSchedule(signal: Int32, code: Int32) throws {
        let arguments = [
            "plan", "--ranks", "8", "--microbatches", "64", "--costs", "deepseek-v3-h800", "--synthesize", "--budget",
            "600s", "--evaluations", "1000000000", "--format", "csv",
        ]
        let search = try Command(arguments: arguments) { process, _ in
            // /proc shows the caught signals of a process as a bit set.
            func catches() throws -> Bool {
                let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
                let bits = line.flatMap { UInt64($0.dropFirst(7).trimmingPrefix { $0.isWhitespace }, radix: 16) }
                return (bits ?? 0) & 1 << UInt64(signal - 1) != 0
            }
            while try process.isRunning && !catches() { usleep(1000) }
            kill(process.processIdentifier, signal)
        }
        #expect(search.status == code)
        #expect(search.errors.contains("interrupted: these are the best schedules so far"), "\(search.errors)")
        try withTemporaryFile(search.output) { path in
            let chains = search.errors.contains("Synthesized bidirectional:") ? "2" : "1"
            let check = try Command("plan", "--check", path, "--chains", chains)
            #expect(check.status == 0, "\(check.errors)")
        }
    }
    #endif

    @Test("Costs come from options and TOML files, whose errors name the key") func costsComeFromOptionsAndFiles()
        throws
    {
        let options = try Command(
            "plan", "--schedule", "1f1b", "--ranks", "2", "--microbatches", "2", "--forward", "2", "--input-gradient",
            "3", "--weight-gradient", "1", "--transfer", "0.5", "--finish", "10", "--format", "json")
        // Two micro-batches on rank 1, one forward and one backward on rank 0, two transfers and the finish:
        // 2·(2+4) + (2+4) + 2·0.5 + 10.
        #expect(options.output.contains("\"step_ns\":29000000"), "\(options.output)")
        try withTemporaryFile("forward = [1, 2] # along the model\ninput-gradient = 1\n") { path in
            let file = try Command("plan", "--costs", path, "--ranks", "2", "--format", "csv")
            #expect(file.status == 0)
        }
        for (text, message) in [
            ("forwards = 1\n", "there is no cost 'forwards': did you mean 'forward'?"),
            ("forward = \n", "line "), ("pair = [1, 2]\n", "pair is a list of 2: give one number"),
            ("[links]\nranks-per-node = 2\n", "links.message is missing"),
            ("[memory]\nactivation = \"much\"\n", "memory.activation is"),
            ("forward = -1\n", "forward is -1.0: give 0 to 1000000.0 ms"), ("[mem]\n", "there is no cost 'mem'"),
            ("", "the file has no costs"), ("# forward = 1\n", "the file has no costs"),
            ("forward = 1\n[links]\n", "the section [links] is empty"), ("[links.node]\n", "links.node is"),
            ("forward = 1\n[unknown]\n", "there is no cost 'unknown'"), ("[[links]]\nmessage = 1\n", "links is"),
            ("pair = 2\noverlap-saving = 0.5\n", "pair and overlap-saving exclude each other"),
            ("transfer = 2\n[links]\nmessage = 5\n", "links.message and transfer exclude each other"),
            ("forward = 0\ninput-gradient = 0\nweight-gradient = 0\n", "are all 0: give one of them"),
            (
                "[links]\nmessage = 4\nnode-bandwidth = 1e-310\n",
                "links.node-bandwidth is 1e-310: give 0.001 to 1000000.0 GB/s"
            ),
            ("forward = nan\n", "forward is nan: give 0 to 1000000.0 ms"),
        ] {
            try withTemporaryFile(text) { path in
                let file = try Command("plan", "--costs", path)
                #expect(file.status == 1 || file.status == 64, "\(text)")
                #expect(file.errors.contains(message), "\(text): \(file.errors)")
                #expect(file.output.isEmpty)
            }
        }
    }

    @Test("The output of --print-costs is read back as the same costs") func printedCostsAreReadBack() throws {
        let options = [
            "--costs", "deepseek-v3-h800", "--message", "117", "--ranks-per-node", "2", "--optimizer", "10",
            "--parameter-memory", "20", "--activation-memory", "4", "--weight-gradient-memory", "1",
        ]
        let printed = try Command(arguments: ["plan", "--print-costs"] + options)
        #expect(printed.status == 0 && printed.output.contains("message = 117.0"))
        try withTemporaryFile(printed.output) { path in
            let direct = try Command(arguments: ["plan", "--format", "csv"] + options)
            let file = try Command("plan", "--format", "csv", "--costs", path)
            #expect(file.errors == direct.errors)
            #expect(file.status == 0 && file.output == direct.output && !file.output.isEmpty)
        }
    }

    @Test("Links and memory enter the simulation, and --device-memory excludes schedules") func linksAndMemoryCount()
        throws
    {
        let arguments = [
            "plan", "--schedule", "1f1b", "--ranks", "2", "--microbatches", "2", "--ranks-per-node", "1", "--message",
            "25", "--parameter-memory", "8", "--activation-memory", "2", "--format", "json",
        ]
        let json = try Command(arguments: arguments)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let schedule = try #require((object?["schedules"] as? [[String: Any]])?.first)
        // Two transfers of 0.02 ms latency and 25 MB at 25 GB/s: 2·3 + 3 + 2·1.02 ms.
        #expect(schedule["step_ns"] as? Int == 11_040_000)
        #expect(schedule["peak_bytes"] as? Int == 12_000_000_000)
        let path = try #require(schedule["critical_path"] as? [[String: Any]])
        #expect(path.first?["action"] as? String == "0F0" && path.last?["action"] as? String == "0B1")
        let ranks = try #require(schedule["ranks"] as? [[String: Any]])
        #expect((ranks[1]["memory"] as? [[Int]])?.first == [0, 8_000_000_000])
        let tight = try Command(
            "plan", "--activation-memory", "2", "--parameter-memory", "8", "--device-memory", "20", "--format", "csv")
        #expect(tight.status == 0 && tight.errors.contains("above --device-memory 20.0"))
        for memory in [[], ["--parameter-memory", "8"], ["--parameter-memory", "8", "--activation-memory", "0"]] {
            let command = try Command(arguments: ["plan", "--device-memory", "20"] + memory)
            #expect(command.status == 64 && command.errors.contains("give --activation-memory"), "\(command.errors)")
        }
        let activations = try Command("plan", "--device-memory", "20", "--activation-memory", "1")
        #expect(activations.status == 0 && activations.errors.contains("the parameters for 0 GB"))
    }

    @Test("A file of a spreadsheet is checked like any other, but PyTorch's loader refuses its byte-order mark")
    func spreadsheetsAreChecked() throws {
        try withTemporaryFile("\u{FEFF}0F0, 0F1, 0B0, 0B1\r\n1F0, 1B0, 1F1, 1B1\r\n\r\n") { path in
            let check = try Command("plan", "--check", path)
            #expect(check.status == 0 && check.errors.isEmpty)
            #expect(check.output.hasPrefix("\(path): valid, 2 ranks, 2 stages, 2 micro-batches, peak activations 2.0 "))
            #expect(check.output.contains("byte-order mark") && check.output.contains("the empty row at the end"))
            #expect(try Command("plan", "--check", path, "--for", "contraflow").output == check.output)
            let pytorch = try Command("plan", "--check", path, "--for", "pytorch")
            #expect(pytorch.status == 1 && pytorch.output.isEmpty)
            #expect(
                pytorch.errors.hasPrefix(
                    "Error: \(path): PyTorch cannot run it: PyTorch's loader refuses the byte-order"))
        }
    }

    @Test("An order that deadlocks if sends wait for receives is valid with a note, and refused for PyTorch")
    func rendezvousDeadlocksAreNoted() throws {
        let rows = """
            0F0,0SEND_F0,0F1,0F2,0SEND_F1,0SEND_F2,0RECV_B0,0B0,0RECV_B1,0B1,0RECV_B2,0B2
            1RECV_F0,1F0,1RECV_F1,1B0,1SEND_B0,1RECV_F2,1F1,1B1,1SEND_B1,1F2,1B2,1SEND_B2

            """
        try withTemporaryFile(rows) { path in
            let check = try Command("plan", "--check", path)
            #expect(check.status == 0 && check.output.hasPrefix("\(path): valid if sends are buffered, 2 ranks"))
            #expect(check.output.contains("rank 1 at column 4 (1SEND_B0) waits for 0RECV_B0 on rank 0"))
            let pytorch = try Command("plan", "--check", path, "--for", "pytorch", "--format", "json")
            #expect(pytorch.status == 1 && pytorch.errors.contains("over NCCL"))
            let object = try JSONSerialization.jsonObject(with: Data(pytorch.output.utf8)) as? [String: Any]
            #expect(object?["version"] as? Int == 1 && object?["is_valid"] as? Bool == true)
            #expect((object?["rendezvous_deadlock"] as? String)?.hasPrefix("circular wait: rank 0 at column 5") == true)
            #expect(object?["pytorch_incompatibilities"] as? [String] == [])
        }
        try withTemporaryFile("0F0,0F0\n") { path in
            let check = try Command("plan", "--check", path, "--format", "json")
            let object = try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [String: Any]
            #expect(check.status == 1 && object?["is_valid"] as? Bool == false)
            #expect((object?["error"] as? String).map { check.errors == "Error: \($0)\n" } == true)
        }
    }

    @Test("The check and the table give peak activations in one unit", arguments: ["zb-v", "interleaved-1f1b", "1f1b"])
    func peaksHaveOneUnit(schedule: String) throws {
        try withTemporaryFile("") { path in
            _ = try Command("plan", "--schedule", schedule, "--ranks", "4", "--format", "csv", "-o", path)
            let json = try Command("plan", "--schedule", path, "--format", "json")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let figures = try #require((object?["schedules"] as? [[String: Any]])?.first)
            let peak = try #require(figures["peak_activations"] as? Double)
            let check = try Command("plan", "--check", path, "--format", "json")
            let checked = try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [String: Any]
            #expect(checked?["peak_activations"] as? Double == peak)
            let ranks = try #require(figures["ranks"] as? [[String: Any]])
            #expect(ranks.compactMap { $0["peak_memory"] as? Double }.max() == peak)
        }
    }

    @Test("Files come through pipes, and a schedule's file may have any name") func filesComeThroughPipes() throws {
        try withTemporaryFolder { folder in
            try Data("forward = 2\n".utf8).write(to: folder.appending(path: "costs.toml"))
            try Data("0F0,0B0\n1F0,1B0\n".utf8).write(to: folder.appending(path: "order"))
            func shell(_ line: String) throws -> Command {
                let plan = "cd '\(folder.path)'; contraflow() { '\(Command.products.path)/contraflow' \"$@\"; }; "
                return try Command(arguments: ["-c", plan + line], program: URL(filePath: "/bin/bash"))
            }
            for line in [
                "cat order | contraflow plan --check -", "cat order | contraflow plan --check /dev/stdin",
                "contraflow plan --check <(cat order)", "contraflow plan --check order",
                "contraflow plan --schedule order",
                "cat costs.toml | contraflow plan --costs - --schedule 1f1b",
                "contraflow plan --costs <(cat costs.toml) --schedule 1f1b", "contraflow plan --check order -o -",
            ] {
                let command = try shell(line)
                #expect(command.status == 0 && !command.output.isEmpty, "\(line): \(command.errors)")
            }
            let folderAsFile = try Command("plan", "--check", folder.path)
            #expect(folderAsFile.status == 1 && folderAsFile.errors.count { $0 == "\n" } == 1, "\(folderAsFile.errors)")
        }
    }

    @Test("Options that would be ignored are refused") func ignoredOptionsAreRefused() throws {
        for options in [
            ["--placement", "v"], ["--budget", "5s"], ["--evaluations", "5"], ["--seed", "2"],
            ["--pair", "2", "--overlap-saving", "0.1"], ["--transfer", "2", "--message", "3"], ["--for", "pytorch"],
            ["--chains", "2"], ["--schedule", "1f1b", "--chains", "2"], ["--schedule", "1f1b", "--memory", "3"],
            ["--schedule", "1f1b", "--chunks", "4"], ["--schedule", "x.csv", "--ranks", "4"],
            ["--check", "x.csv", "--ranks", "4"], ["--check", "x.csv", "--costs", "unit"],
            ["--check", "x.csv", "--format", "csv"], ["--check", "x.csv", "--synthesize"],
            ["--print-costs", "--ranks", "4"], ["--print-costs", "--format", "json"],
            ["--schedule", "1f1b", "--schedule", "gpipe", "--format", "csv"], ["--schedule", "-", "--costs", "-"],
            ["--slow", "1=2", "--slow", "1=3"],
        ] {
            let command = try Command(arguments: ["plan"] + options)
            #expect(command.status == 64 && command.output.isEmpty, "\(options): \(command.output)")
        }
        // An option that has an effect is accepted.
        for options in [
            ["--schedule", "interleaved-1f1b", "--chunks", "3", "--ranks", "2", "--microbatches", "4"],
            ["--jitter", "0.1", "--seed", "2"],
        ] {
            #expect(try Command(arguments: ["plan"] + options).status == 0, "\(options)")
        }
    }

    @Test("Numbers outside their limits are named with the limit, whatever their sign")
    func limitsAreNamed() throws {
        for (options, message) in [
            (["--ranks", "-3"], "--ranks is -3: give 1 to 2048"), (["--ranks", "1000000"], "give 1 to 2048"),
            (["--schedule", "1f1b", "--ranks", "1000000"], "--ranks is 1000000: give 1 to 65536"),
            (["--microbatches", "0"], "--microbatches is 0: give 1 to"),
            (["--chunks", "-1"], "--chunks is -1: give 1 to"),
            (["--forward", "-1"], "forward is -1.0: give 0 to 1000000.0 ms"),
            (["--transfer", "-inf"], "transfer is -inf: give 0 to"),
            (["--jitter", "-0.5"], "--jitter is -0.5: give 0 to"),
            (
                ["--message", "3", "--ranks-per-node", "0.5"],
                "links.ranks-per-node is 0.5: give a whole number from 1.0"
            ),
            (["--forward", "0", "--input-gradient", "0", "--weight-gradient", "0"], "are all 0: give one of them"),
            (["--slow", "0=1e-9"], "a factor from 0.001 to 1e6"), (["--memory", "-1"], "--memory is -1.0: give"),
        ] {
            let command = try Command(arguments: ["plan"] + options)
            #expect(command.status == 64 && command.output.isEmpty, "\(options)")
            #expect(command.errors.contains(message), "\(options): \(command.errors)")
        }
    }

    @Test("An invalid cell of a CSV is reported in one line") func anInvalidCellIsReportedInOneLine() throws {
        try withTemporaryFile("0F0,0B0junk\n") { path in
            let command = try Command("plan", "--check", path)
            #expect(command.status == 1 && command.output.isEmpty)
            #expect(
                command.errors
                    == "Error: \(path): row 0, column 1: '0B0junk' is not an action: write <stage><kind><microbatch> "
                    + "as in 0F4, or (0F4;7B1)OVERLAP_F_B\n")
        }
    }

    @Test("Wrong options are usage errors, and a missing file is an error of one line")
    func wrongOptionsAreUsageErrors() throws {
        for arguments in [
            ["--ranks", "0"], ["--format", "svg"], ["--schedule", "dualpip"], ["--chains", "0"],
            ["--forward", "nan"], ["--transfer=-1"], ["--budget", "soon"], ["--slow", "1"], ["--slow", "8=2"],
            ["--jitter", "1"],
            ["--placement", "ring"], ["--memory", "0"], ["--microbatches", "0"],
            ["--chunks", "0", "--synthesize"], ["--schedule", "1f1b", "--synthesize"],
            ["--ranks", "1000000", "--microbatches", "1000000"],
            ["--schedule", "gpipe", "--ranks", "1000", "--microbatches", "9000", "--forward", "1e6"],
        ] {
            let command = try Command(arguments: ["plan"] + arguments)
            #expect(command.status == 64, "\(arguments): \(command.errors)")
            #expect(command.output.isEmpty)
        }
        let missing = try Command("plan", "--check", "/nowhere/x.csv")
        #expect(missing.status == 1)
        #expect(missing.errors == "Error: cannot read /nowhere/x.csv: No such file or directory\n")
    }

    @Test("Errors are one line that names the remedy, with one hint after usage errors") func errorsAreOneLine() throws
    {
        for arguments in [["--forward", "nan"], ["--costs", "nobody"], ["--schedule", "dualpip"]] {
            let command = try Command(arguments: ["plan"] + arguments)
            #expect(command.status == 64 && command.errors.hasPrefix("Error: "))
            #expect(command.errors.hasSuffix("\nSee 'contraflow plan --help'.\n"), "\(command.errors)")
            #expect(command.errors.count { $0 == "\n" } == 2, "\(command.errors)")
        }
        let tight = try Command("plan", "--memory", "1")
        #expect(tight.status == 1)
        #expect(
            tight.errors
                == "Error: no built-in schedule fits; V-Min needs the fewest activations, 4.0 micro-batches: "
                + "raise the limit, or search with --synthesize\n")
    }

    @Test("The search assigns stages to ranks only if their costs differ") func stagesThatDifferAreAssigned() throws {
        try withTemporaryFile("forward = [1, 3, 1, 1, 1, 1, 3, 1]\n") { path in
            let found = try Command(
                "plan", "--costs", path, "--ranks", "4", "--microbatches", "8", "--synthesize", "--evaluations", "200",
                "--format", "json")
            #expect(found.status == 0 && found.output.contains("Synthesized assigned x2"), "\(found.errors)")
        }
        let alike = try Command(
            "plan", "--ranks", "2", "--microbatches", "4", "--synthesize", "--evaluations", "20", "--format", "json")
        #expect(alike.status == 0 && !alike.output.contains("assigned") && alike.output.contains("Synthesized V"))
    }

    /// The costs come from the timeline of the last step and from the recipe, which names the schedule.
    @Test(
        "Costs are fitted to the timeline in a run's folder",
        .enabled("gzip is not here") { FileManager.default.isExecutableFile(atPath: "/usr/bin/gzip") },
        arguments: [("zb1p", "4.0"), ("dualpipe", "4.0")])
    func costsComeFromARunsFolder(schedule: String, input: String) throws {
        try withTemporaryFolder { folder in
            let recipe =
                "[parallelism]\npipeline_parallel_degree = 4\nexpert_parallel_degree = 1\n"
                + "pipeline_parallel_schedule = \"\(schedule)\"\n"
            try Data(recipe.utf8).write(to: folder.appending(path: "recipe.toml"))
            #expect(try Command("plan", "--costs", folder.path).status == 1)

            let timeline = folder.appending(path: "timeline.json").path
            let simulated = try Command(
                "plan", "--schedule", schedule, "--ranks", "4", "--microbatches", "12", "--forward", "3",
                "--input-gradient", input, "--weight-gradient", "2", "--overlap-saving", "0.25", "--transfer", "0.5",
                "--format", "perfetto", "-o", timeline)
            #expect(simulated.status == 0)
            _ = try Command(arguments: [timeline], program: URL(filePath: "/usr/bin/gzip"))
            let costs = try Command("plan", "--costs", folder.path, "--print-costs")
            #expect(costs.status == 0, "\(costs.errors)")
            #expect(costs.output.contains("forward = [3.0, 3.0, 3.0, 3.0]"), "\(costs.output)")
            #expect(costs.output.contains("input-gradient = [\(input), \(input), \(input), \(input)]"))
            #expect(costs.output.contains("weight-gradient = [2.0, 2.0, 2.0, 2.0]"))
            #expect(costs.output.contains("transfer = 0.5"))
            if schedule == "dualpipe" { #expect(costs.output.contains("overlap-saving = 0.25")) }

            try Data("junk".utf8).write(to: folder.appending(path: "timeline.json.gz"))
            let junk = try Command("plan", "--costs", folder.path)
            #expect(junk.status == 1 && junk.errors.contains("is not a trace"))
        }
    }

    @Test("Pictures are written to files, and traces are JSON") func picturesAndTracesAreWrittenToFiles() throws {
        try withTemporaryFile("") { path in
            let svg = try Command("plan", "--schedule", "zb1p", "--format", "svg", "-o", path)
            #expect(svg.status == 0 && svg.output.isEmpty)
            #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("<svg"))
        }
        let page = try Command("plan", "--schedule", "zb1p", "--schedule", "dualpipe", "--format", "html")
        #expect(page.status == 0 && page.output.hasPrefix("<!doctype html>"))
        #expect(!page.output.contains("http"))
        let trace = try Command("plan", "--schedule", "gpipe", "--format", "perfetto")
        #expect((try? JSONSerialization.jsonObject(with: Data(trace.output.utf8))) != nil)
    }

    @Test("Help and version exist, and an unknown command is a usage error") func helpAndVersionExist() throws {
        #expect(try Command("--help").output.contains("plan"))
        #expect(try Command("plan", "--help").output.contains("Examples:"))
        #expect(try Command("--version").status == 0)
        #expect(try Command("doctor").output.contains("cores"))
        #expect(try Command("nonsense").status == 64)
    }
}
