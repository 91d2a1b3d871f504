import Foundation
import StreamCompression
import Testing

/// Recordings of libtorch's profiler.
@Suite(
    .serialized,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: Command.products.appending(path: "contraflow-worker").path)))
struct ProfilingTests {
    @Test("A run records the chosen steps, one file per rank, and analyze reads the files")
    func recordings() throws {
        try withText { folder in
            let run = try Command(
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
                folder.path, "--pp", "2", "--ep", "2", "--steps", "5", "--profiling.enable_profiling", "true",
                "--profiling.profile_freq", "2")
            #expect(run.status == 0, "\(run.errors)")
            let traces = folder.appending(path: "debug/profile_traces")
            let recorded = try FileManager.default.contentsOfDirectory(atPath: traces.path).sorted()
            #expect(recorded == ["iteration_2", "iteration_4"])
            let last = traces.appending(path: "iteration_4")
            let files = try FileManager.default.contentsOfDirectory(atPath: last.path).sorted()
            #expect(files == (0..<4).map { "rank\($0).pt.trace.json.gz" })
            let text = String(
                decoding: try CompressedFile.contents(Array(Data(contentsOf: last.appending(path: files[3])))),
                as: UTF8.self)
            for name in ["ProfilerStep#4", "attention F", "experts B", "aten::mm", "distributedInfo"] {
                #expect(text.contains(name), "\(name)")
            }
            let analysis = try Command("analyze", last.path, "--format", "json")
            #expect(analysis.status == 0, "\(analysis.errors)")
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(analysis.output.utf8)) as? [String: Any])
            let ranks = try #require(json["ranks"] as? [[String: Any]])
            #expect(ranks.compactMap { $0["rank"] as? Int } == [0, 1, 2, 3])
        }
    }

    @Test("Recordings without steps in between end at the multiples of their interval, the last one with the run")
    func adjacentRecordings() throws {
        try withText { folder in
            let run = try Command(
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
                folder.path, "--steps", "3", "--profiling.enable_profiling", "true", "--profiling.profile_freq", "2",
                "--profiling.profiler_active", "2")
            #expect(run.status == 0, "\(run.errors)")
            let traces = folder.appending(path: "debug/profile_traces")
            let recorded = try FileManager.default.contentsOfDirectory(atPath: traces.path).sorted()
            #expect(recorded == ["iteration_2", "iteration_3"])
        }
    }

    @Test("A recording longer than its interval and a folder outside the run are refused") func refusals() throws {
        let long = try Command("train", "--dry-run", "--profiling.profiler_active", "11")
        #expect(long.status == 1 && long.errors.contains("profiling.profiler_active is 11, but"), "\(long.errors)")
        let outside = try Command("train", "--dry-run", "--profiling.save_traces_folder", "../traces")
        #expect(outside.status == 1 && outside.errors.contains("profiling.save_traces_folder is '../traces'"))
    }
}
