import Foundation
import Testing

@Suite(.serialized) struct TrainCommandTests {
    private static let hasWorker = FileManager.default.isExecutableFile(
        atPath: Command.products.appending(path: "contraflow-worker").path)

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "train-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(String(repeating: "To be, or not to be, that is the question.\n", count: 200).utf8)
            .write(to: folder.appending(path: "text.txt"))
        try body(folder)
    }

    private func train(in folder: URL, _ arguments: String...) throws -> Command {
        try Command(
            arguments: [
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--run.folder",
                folder.path, "--pipeline", "2", "--experts", "2", "--steps", "4",
            ] + arguments)
    }

    @Test func theRecipeIsPrinted() throws {
        let printed = try Command("train", "--preset", "debug", "--print-recipe", "--optimizer.rate", "0.5")
        #expect(printed.status == 0 && printed.output.contains("\nrate = 0.5 "))
        let dry = try Command("train", "--preset", "deepseek-v3-671b", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("1024 = 16 pipeline x 64 experts"))
        #expect(dry.output.contains("memory of all ranks, about"))
        // What this machine forbids is said beside it.
        #expect(dry.errors.contains("would be refused here: layout.pipeline x layout.experts: 1024 ranks take about"))
    }

    @Test func whatCannotRunIsRefusedBeforeAnyRankStarts() throws {
        let unknown = try Command("train", "--optimizer.rat", "1")
        #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'optimizer.rate'?"))
        let uneven = try Command("train", "--experts", "3")
        #expect(uneven.status == 1 && uneven.errors.split(separator: "\n").count == 1)
        let missing = try Command("train", "--data", "/nowhere")
        #expect(missing.status == 1 && missing.errors.contains("data.path: /nowhere does not exist"))
        let noFile = try Command("train", "/nowhere.toml")
        #expect(noFile.status == 1 && noFile.errors.contains("No such file"))
    }

    @Test(.enabled(if: hasWorker)) func aRunLeavesItsFolder() throws {
        try withFolder { folder in
            let command = try train(in: folder)
            #expect(command.status == 0, "\(command.errors)")
            #expect(command.output.isEmpty && command.errors.contains("done: 4 steps"))
            let run = folder.appending(path: "debug")
            let metrics = try String(contentsOf: run.appending(path: "metrics.jsonl"), encoding: .utf8)
            let lines = metrics.split(separator: "\n")
            #expect(lines.count == 4)
            let last = try JSONSerialization.jsonObject(with: Data(lines[3].utf8)) as? [String: Any]
            #expect((last?["validationLoss"] as? Double).map { $0 > 0 && $0 < 6 } == true)
            let analysis = try Command("analyze", run.appending(path: "timeline.json.gz").path, "--format", "json")
            #expect(analysis.status == 0, "\(analysis.errors)")
            let weights = try FileManager.default.contentsOfDirectory(atPath: run.appending(path: "weights").path)
            #expect(weights.count == 4)
            // The same recipe gives the same numbers, in a folder of its own.
            #expect(try train(in: folder).status == 0)
            let again = try String(contentsOf: folder.appending(path: "debug-2/metrics.jsonl"), encoding: .utf8)
            func losses(_ text: String) throws -> [Double] {
                try text.split(separator: "\n").map {
                    let object = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                    return try #require(object?["loss"] as? Double)
                }
            }
            #expect(try losses(again) == losses(metrics))
        }
    }

    @Test(.enabled(if: hasWorker)) func aFailedRankIsNamedFirst() throws {
        try withFolder { folder in
            // An absurd learning rate makes the second step's loss infinite or NaN.
            let command = try train(
                in: folder, "--optimizer.rate", "1e30", "--optimizer.warm-up-steps", "1", "--optimizer.maximum-norm",
                "0")
            #expect(command.status == 70)
            #expect(command.errors.contains("in step 2, the loss or gradient of rank"))
        }
    }
}
