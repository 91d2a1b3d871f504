import Foundation
import TestSupport
import Testing
import Timelines

@Suite struct AnalyzeCommandTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ProfilerTracesTests/Fixtures")

    private var small: String { Self.fixtures.appending(path: "small.json").path }

    @Test("The extension of the output file is the format, unless --format is given")
    func extensionsAreFormats() throws {
        try withTemporaryFolder { folder in
            func written(_ name: String, _ options: String...) throws -> String {
                let file = folder.appending(path: name)
                #expect(try Command(arguments: ["analyze", small, "-o", file.path] + options).status == 0)
                return try String(contentsOf: file, encoding: .utf8)
            }
            let html = try written("a.html")
            #expect(html.hasPrefix("<!doctype html>"))
            #expect(try written("a.JSON").hasPrefix("{"))
            #expect(try written("a.csv").hasPrefix("rank,"))
            #expect(try written("a.txt").hasPrefix("rank  "))
            #expect(try written("table.html", "--format", "table").hasPrefix("rank  "))
        }
    }

    @Test("A run's timeline that is a link or a pipe is refused at once") func linkedTimelines() throws {
        try withTemporaryFolder { folder in
            let run = Self.fixtures.appending(path: "run")
            let timeline = folder.appending(path: "timeline.json.gz")
            try FileManager.default.copyItem(
                at: run.appending(path: "metrics.jsonl"), to: folder.appending(path: "metrics.jsonl"))
            try FileManager.default.createSymbolicLink(
                at: timeline, withDestinationURL: run.appending(path: "timeline.json.gz"))
            for arguments in [["analyze", folder.path], ["analyze", small, "--against", folder.path]] {
                let linked = try Command(arguments: arguments)
                #expect(linked.status == 1 && linked.errors.contains("is a symbolic link"), "\(linked.errors)")
            }
            try FileManager.default.removeItem(at: timeline)
            mkfifo(timeline.path, 0o600)
            let pipe = try Command("analyze", folder.path)
            #expect(pipe.status == 1 && pipe.errors.contains("is not a file"), "\(pipe.errors)")
            try FileManager.default.removeItem(at: folder.appending(path: "metrics.jsonl"))
            let traces = try Command("analyze", folder.path)
            #expect(traces.status == 1 && traces.errors.contains("holds no trace"), "\(traces.errors)")
        }
    }

    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
            try body(folder.path)
        }
    }

    @Test("A trace becomes a table, JSON and CSV with the same figures") func aTraceIsAnalyzed() throws {
        let table = try Command("analyze", small)
        #expect(table.status == 0 && table.errors.isEmpty)
        #expect(table.output.contains("50.00") && table.output.contains("dispatch(F)"))
        let json = try Command("analyze", small, "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["version"] as? Int == 1)
        let total = try #require(object["total"] as? [String: Any])
        #expect(total["communication_ns"] as? Int == 60_000 && total["hidden_share"] as? Double == 0.5)
        let ranks = try #require(object["ranks"] as? [[String: Any]])
        #expect(ranks.first?["rank"] as? Int == 3)
        let csv = try Command("analyze", small, "--format", "csv")
        #expect(csv.output.split(separator: "\n").count == 2)
        #expect(csv.output.hasSuffix("\n3,160000,115000,45000,80000,60000,5000,0,30000,30000,0,0.5,37000,0,8000,0\n"))
    }

    @Test("Compressed traces and folders of traces are read") func compressedTracesAndFoldersAreRead() throws {
        for name in ["members.json.gz", "small.json.zst"] {
            let csv = try Command("analyze", Self.fixtures.appending(path: name).path, "--format", "csv")
            #expect(csv.status == 0 && csv.output.contains("160000,115000"))
        }
        let folder = try Command("analyze", Self.fixtures.path, "--format", "csv")
        #expect(folder.status == 0 && folder.output.split(separator: "\n").count == 9)
        #expect(folder.errors.contains("all traces are numbered in the order given"))
    }

    @Test("Kernels of one template have different labels") func kernelsOfOneTemplateHaveDifferentLabels() throws {
        let events = (1...2).map {
            #"{"ph":"X","cat":"kernel","name":"void a::k<\#($0)>(int)","ts":\#($0),"dur":1,"args":{"stream":7}}"#
        }
        try withFolder(["rank0.json": "[\(events.joined(separator: ","))]"]) { folder in
            let table = try Command("analyze", folder).output
            #expect(table.contains("\na::k<1>(int)  ") && table.contains("\na::k<2>(int)  "))
        }
    }

    @Test("Traces come from pipes and patterns, and an empty window is an error") func pipesPatternsAndEmptyWindows()
        throws
    {
        let direct = try Command("analyze", small, "--format", "csv").output
        let program = Command.products.appending(path: "contraflow").path
        let pipe = "cat '\(small)' | '\(program)' analyze - --format csv"
        let piped = try Command(arguments: ["-c", pipe], program: URL(filePath: "/bin/sh"))
        #expect(piped.output == direct && piped.errors.isEmpty)
        let pattern = small.replacing("small.json", with: "smal?.jso[n]")
        #expect(try Command("analyze", pattern, "--format", "csv").output == direct)
        let late = try Command("analyze", small, "--from", "500")
        #expect(
            late.status == 1
                && late.errors.contains("no kernel ran between --from and --to: the longest trace lasts 0.160 ms"))
        #expect(try !Command("analyze", small, "--top", "0").output.contains("communication by kernel"))
    }

    @Test("Rules come from a pipe, and a pipe is a trace") func pipes() throws {
        let program = Command.products.appending(path: "contraflow").path
        for (trace, rules) in [("'\(small)'", "-"), ("'\(small)'", "/dev/stdin"), ("/dev/stdin", nil)] {
            let input = rules == nil ? "cat '\(small)'" : "echo 'wait deep_ep'"
            let options = rules.map { " --rules \($0)" } ?? ""
            let line = "\(input) | '\(program)' analyze \(trace) --format csv\(options)"
            let piped = try Command(arguments: ["-c", line], program: URL(filePath: "/bin/sh"))
            #expect(piped.status == 0 && piped.output.contains(rules == nil ? ",30000,0,0.5," : ",30000,30000,0.5,"))
        }
    }

    @Test("Each device of a file has a row, in every format") func devicesHaveRows() throws {
        let events = (0..<2).map {
            #"{"ph":"X","cat":"kernel","name":"a","pid":\#($0),"ts":1,"dur":2,"args":{"stream":7,"device":\#($0)}}"#
        }
        try withFolder(["trace.json": "[\(events.joined(separator: ","))]"]) { folder in
            let path = "\(folder)/trace.json"
            let table = try Command("analyze", path).output
            #expect(table.contains("\n0 (device 0)  ") && table.contains("\n1 (device 1)  "))
            #expect(try Command("analyze", path, "--format", "csv").output.split(separator: "\n").count == 3)
            #expect(try Command("analyze", path, "--format", "html").output.contains("Rank 1 (device 1)"))
            #expect(try Command("analyze", path, "--format", "json").output.contains("\"device_number\":1"))
            #expect(try Command("analyze", path, "--against", path).status == 0)
            #expect(try Command("analyze", path, "--from", "0.001", "--format", "perfetto").status == 0)
            let compatible = try Command("analyze", path, "--compatible", "hta")
            #expect(compatible.errors == "rank 0: HolisticTraceAnalysis takes the work of 2 devices as one\n")
        }
    }

    @Test("A trace of the host alone is an error that says so") func hostTraces() throws {
        let text = #"[{"ph":"X","cat":"cpu_op","name":"a","ts":1,"dur":2,"pid":1,"tid":1}]"#
        try withFolder(["trace.json": text]) { folder in
            let command = try Command("analyze", folder)
            #expect(command.status == 1 && command.output.isEmpty)
            #expect(command.errors.contains("no device was profiled: none of 1 event is a kernel"))
        }
    }

    @Test("A rule that classifies no kernel is said") func ruleWithoutEffect() throws {
        let command = try Command("analyze", small, "--communication", "gemm", "--communication", "zzz")
        #expect(command.status == 0 && command.errors == "the rule 'zzz' classifies no kernel of these traces\n")
    }

    @Test("Rules, windows, comparisons and compatibility change the analysis") func optionsChangeTheAnalysis() throws {
        let more = try Command("analyze", small, "--communication", "gemm", "--format", "csv")
        #expect(more.output.contains("3,160000,115000,45000,0,110000,5000,0,0,110000,0,0.0"))
        try withFolder(["rules": "wait deep_ep\n"]) { folder in
            let rules = try Command("analyze", small, "--rules", "\(folder)/rules", "--explain-rules")
            #expect(rules.status == 0 && rules.output.hasPrefix("1. communication (wait): name matches deep_ep"))
            #expect(rules.output.contains("memory: Memcpy DtoD"))
        }
        let window = try Command("analyze", small, "--from", "0.035", "--to", "0.115", "--format", "csv")
        #expect(window.output.contains(",25000,30000,0,0,15000,15000,"))
        let same = try Command("analyze", small, "--against", small, "--format", "csv")
        #expect(same.output.contains("class,exposed communication,30000,30000,0"))
        let compatible = try Command("analyze", small, "--compatible", "hta", "--format", "csv")
        #expect(compatible.status == 0 && compatible.output.hasPrefix("rank,comp_comm_overlap_pctg,"))
        let tables = try Command("analyze", small, "--compatible", "hta").output
        #expect(tables.contains("comp_comm_overlap_pctg") && tables.contains("idle_category"))
        let json = try Command("analyze", small, "--compatible", "hta", "--format", "json").output
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let idle = try #require(object?["idle_time_breakdown"] as? [[String: Any]])
        #expect(idle.contains { $0["idle_category"] as? String == "kernel_wait" && $0["stream"] as? Int == 7 })
        let merged = try Command("analyze", small, "--format", "perfetto")
        #expect((try? JSONSerialization.jsonObject(with: Data(merged.output.utf8))) != nil)
    }

    @Test("The HTML report is self-contained and escapes names of kernels") func theReportIsSelfContained() throws {
        let name = #"evil</script><script>alert(1)//"#
        let text = #"[{"ph":"X","cat":"kernel","name":"\#(name)","ts":1,"dur":2,"args":{"stream":7}}]"#
        try withFolder(["rank0.json": text]) { folder in
            let html = try Command("analyze", "\(folder)/rank0.json", "--format", "html")
            #expect(html.status == 0 && html.output.hasPrefix("<!doctype html>"))
            #expect(html.output.hasSuffix("</html>\n"))
            #expect(!html.output.contains("evil</script>") && !html.output.contains("http"))
            let begin = try #require(html.output.range(of: #"type="application/json">"#)?.upperBound)
            let end = try #require(html.output.range(of: "</script>", range: begin..<html.output.endIndex)?.lowerBound)
            let data = try JSONSerialization.jsonObject(with: Data(html.output[begin..<end].utf8)) as? [String: Any]
            let panels = try #require(data?["panels"] as? [[String: Any]])
            #expect(panels.count == 1)
            #expect((panels[0]["labels"] as? [Any])?.count == 1)
            #expect(html.output.contains(#"evil\u003c/script>"#))
        }
    }

    /// The metrics of the run were not computed by the analysis.
    @Test("The analysis of a run's folder agrees with the run's own metrics") func aRunIsAnalyzed() throws {
        let run = Self.fixtures.appending(path: "run").path
        let table = try Command("analyze", run)
        #expect(table.status == 0 && table.errors.isEmpty)
        // The hidden communication of metrics.jsonl.
        #expect(table.output.contains("   1.92 "))
        #expect(table.output.contains("stages waited for one another 18.12 % of a step of 8.693 ms"))
        for cause in ["dispatch F", "combine B", "gradient reduction", "1F1 with 1B0"] {
            #expect(table.output.contains(cause), "\(cause)")
        }
        let json = try Command("analyze", "\(run)/timeline.json.gz", "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let pipeline = try #require(object["pipeline"] as? [String: Any])
        let waited = try #require(pipeline["stage_wait_share"] as? Double)
        #expect(abs(waited - 0.18117454992096288) < 1e-12)
        #expect((pipeline["ranks"] as? [Any])?.count == 4)
        let csv = try Command("analyze", run, "--format", "csv").output.split(separator: "\n")
        #expect(csv.count == 5 && csv[0].contains("warm_up_bubble_ns") && csv[0].contains("dispatch F_exposed_ns"))
        #expect(Set(csv.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count == 1)
        let html = try Command("analyze", run, "--format", "html")
        #expect(html.status == 0 && html.output.contains(" % bubble of "))
        #expect(html.output.components(separatedBy: "{\"name\":\"actions\",\"spans\":[").count == 5)
        let merged = try Command("analyze", run, "--format", "perfetto")
        #expect(merged.output.contains("exposed communication") && merged.output.contains("pipeline bubble"))
        let same = try Command("analyze", run, "--against", run, "--format", "csv")
        #expect(same.output.contains("\nphase,bubble of warm-up,") && same.output.contains("kernel,experts F,"))
        let difference = same.output.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(",0") }
        #expect(difference)
    }

    @Test("A trace without communication, or that is truncated, is reported as such")
    func aTraceWithoutCommunicationSaysSo() throws {
        let text = #"[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":2,"args":{"stream":7}}]"#
        try withFolder(["rank0.json": text, "cut.json": #"{"traceEvents":\#(text.dropLast()),"#]) { folder in
            let table = try Command("analyze", "\(folder)/rank0.json")
            #expect(table.status == 0 && table.output.contains("no communication"))
            #expect(!table.output.lowercased().contains("nan"))
            let cut = try Command("analyze", "\(folder)/cut.json")
            let note = "the file is truncated: 1 device event before its end was read"
            #expect(cut.status == 0 && cut.errors.isEmpty && cut.output.contains("notes on these figures\n- \(note)\n"))
            let csv = try Command("analyze", "\(folder)/cut.json", "--format", "csv")
            #expect(csv.errors == "\(note)\n")
        }
    }

    @Test("Unreadable traces are errors of one line, wrong options are usage errors") func badInputIsReportedInOneLine()
        throws
    {
        try withFolder(["recipe.toml": "", "metrics.jsonl": ""]) { folder in
            let run = try Command("analyze", folder)
            #expect(run.status == 1 && run.errors.contains("a run writes it when it ends"))
        }
        try withFolder(["a.txt": "", "b.json": "{\"traceEvents\":[1]}"]) { folder in
            try withFolder([:]) { empty in
                let none = try Command("analyze", empty)
                #expect(none.status == 1 && none.errors.contains("holds no trace"))
            }
            for path in ["/nowhere", "\(folder)/a.txt", "\(folder)/b.json"] {
                let command = try Command("analyze", path)
                #expect(command.status == 1 && command.output.isEmpty)
                #expect(command.errors.hasPrefix("Error: ") && command.errors.split(separator: "\n").count == 1)
            }
        }
        for arguments in [
            [], ["x", "--from", "5", "--to", "3"], ["x", "--top", "-1"], ["x", "--include-last-step"],
            ["x", "--compatible", "hta", "--from", "1"], [small, "--communication", "("],
        ] {
            let command = try Command(arguments: ["analyze"] + arguments)
            #expect(command.status == 64, "\(arguments): \(command.errors)")
        }
    }
}
