import Foundation
import Testing

/// Runs that go through faults: killed ranks, signals to single ranks, damaged checkpoints, a second writer, losses that
/// are not finite.
@Suite(
    .serialized,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: Command.products.appending(path: "contraflow-worker").path)))
struct SurvivalTests {
    private let worker = Command.products.appending(path: "contraflow-worker")

    private func arguments(in folder: URL, steps: Int, _ options: String...) -> [String] {
        [
            "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
            folder.appending(path: "runs").path, "--pp", "2", "--ep", "1", "--steps", "\(steps)",
            "--checkpoint.interval", "4",
        ] + options
    }

    private func checkpoints(_ run: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoint")) ?? []).sorted()
    }

    /// Returns the process of a rank of a launcher; nil if the rank does not run.
    private func process(ofRank rank: Int, of launcher: Int32) throws -> Int32? {
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(launcher)/task")
        let children = tasks.flatMap { task in
            text(URL(filePath: "/proc/\(launcher)/task/\(task)/children")).split(separator: " ").compactMap {
                Int32($0)
            }
        }
        return children.first { child in
            text(URL(filePath: "/proc/\(child)/environ")).split(separator: "\0").contains("RANK=\(rank)")
        }
    }

    @Test("A killed rank is started again from the last checkpoint, and the losses are those of a whole run")
    func restarts() throws {
        try withText { folder in
            let run = folder.appending(path: "runs/debug")
            let all = arguments(in: folder, steps: 20, "--max-restarts", "2")
            let command = try Command(arguments: all) { process, _ in
                for (rank, step) in [(1, 6), (0, 11)] {
                    try wait(for: step, of: run)
                    kill(try #require(try self.process(ofRank: rank, of: process.processIdentifier)), SIGKILL)
                    Thread.sleep(forTimeInterval: 0.5)
                }
            }
            #expect(command.status == 0, "\(command.errors)")
            #expect(command.errors.contains("restarting the ranks (2 of 2) from the checkpoint of step"))
            #expect(try Command(arguments: arguments(in: folder, steps: 20)).status == 0)
            #expect(try losses(run) == losses(folder.appending(path: "runs/debug-2")))
        }
    }

    @Test(
        "A signal to a single rank ends all ranks after a checkpoint, with 128 plus the signal",
        arguments: [(0, SIGINT), (1, SIGTERM), (1, SIGUSR1)])
    func signalsToOneRank(rank: Int, signal: Int32) throws {
        try withText { folder in
            let run = folder.appending(path: "runs/debug")
            let command = try Command(arguments: arguments(in: folder, steps: 100_000)) { process, _ in
                try wait(for: 3, of: run)
                kill(try #require(try self.process(ofRank: rank, of: process.processIdentifier)), signal)
            }
            #expect(command.status == 128 + signal, "\(command.errors)")
            let steps = try losses(run).count
            #expect(checkpoints(run).contains("step-\(steps)"), "\(checkpoints(run)), \(steps)")
        }
    }

    @Test(
        "A signal to a single rank during start-up ends all ranks, with 128 plus the signal",
        arguments: [SIGINT, SIGTERM])
    func signalsToOneRankDuringStartUp(signal: Int32) throws {
        try withText { folder in
            let command = try Command(arguments: arguments(in: folder, steps: 100_000)) { process, _ in
                var rank: Int32?
                try wait {
                    rank = try? self.process(ofRank: 1, of: process.processIdentifier)
                    return rank != nil
                }
                kill(try #require(rank), signal)
            }
            #expect(command.status == 128 + signal, "\(command.errors)")
        }
    }

    @Test("A worker continues in its folder without an option, and begins at step 1 only if it is asked to")
    func workersContinue() throws {
        try withText { folder in
            #expect(try Command(arguments: arguments(in: folder, steps: 6)).status == 0)
            let run = folder.appending(path: "runs/debug")
            let recipe = folder.appending(path: "recipe.toml")
            func train(_ steps: Int, _ options: String...) throws -> Command {
                let other = text(run.appending(path: "recipe.toml"))
                    .replacing("\npipeline_parallel_degree = 2", with: "\npipeline_parallel_degree = 1")
                    .replacing(/pipeline_parallel_schedule = \S+/, with: "pipeline_parallel_schedule = \"1f1b\"")
                    .replacing(#/\nsteps = [68] /#, with: "\nsteps = \(steps) ")
                try Data(other.utf8).write(to: recipe)
                return try Command(
                    arguments: ["--recipe", recipe.path, "--folder", run.path] + options, program: worker,
                    environment: ["RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "29871"])
            }
            let continued = try train(8)
            #expect(continued.status == 0, "\(continued.errors)")
            #expect(continued.output.split(separator: "\n").count == 2)
            #expect(try losses(run).count == 8)
            let again = try train(8, "--from-scratch")
            #expect(again.status == 0 && again.output.split(separator: "\n").count == 8, "\(again.errors)")
            #expect(FileManager.default.fileExists(atPath: run.appending(path: "checkpoint-1/step-8").path))
        }
    }

    @Test("A run that is in use is refused to a second one, and nothing is written") func locks() throws {
        try withText { folder in
            let run = folder.appending(path: "runs/debug")
            var second: Command?
            _ = try Command(arguments: arguments(in: folder, steps: 100_000)) { process, _ in
                try wait(for: 5, of: run)
                second = try Command("train", "--resume", run.path)
                kill(process.processIdentifier, SIGINT)
            }
            let refused = try #require(second)
            #expect(refused.status == 1 && refused.errors.contains("is in use by another run"), "\(refused.errors)")
        }
    }

    @Test("Options that do not fit to the checkpoint are refused before the recipe is written") func refusals() throws {
        try withText { folder in
            #expect(try Command(arguments: arguments(in: folder, steps: 4)).status == 0)
            let run = folder.appending(path: "runs/debug")
            let recipe = text(run.appending(path: "recipe.toml"))
            for option in ["--model.kv_lora_rank", "--training.global_batch_size", "--training.seed"] {
                let command = try Command("train", "--resume", run.path, "--steps", "8", option, "64")
                #expect(command.status == 1 && command.errors.contains("was saved with"), "\(command.errors)")
            }
            #expect(text(run.appending(path: "recipe.toml")) == recipe)
        }
    }

    @Test("A damaged checkpoint is named, and training continues from the one before") func damagedCheckpoints() throws
    {
        try withText { folder in
            #expect(try Command(arguments: arguments(in: folder, steps: 8)).status == 0)
            let run = folder.appending(path: "runs/debug")
            let file = run.appending(path: "checkpoint/step-8/rank-0.safetensors")
            var content = try Data(contentsOf: file)
            content[content.count / 2] ^= 1
            try content.write(to: file)
            let resumed = try Command("train", "--resume", run.path, "--steps", "10")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("Warning: \(file.path) is damaged"), "\(resumed.errors)")
            #expect(try losses(run).count == 10 && resumed.errors.contains("done: 6 steps"))
        }
    }

    @Test("Training goes back to an earlier checkpoint, and later ones are kept aside") func earlierCheckpoints() throws
    {
        try withText { folder in
            #expect(try Command(arguments: arguments(in: folder, steps: 12)).status == 0)
            let run = folder.appending(path: "runs/debug")
            let whole = try losses(run)
            let missing = try Command("train", "--resume", run.path, "--from-step", "7")
            #expect(
                missing.status == 1 && missing.errors.contains("give --from-step one of 12, 8"), "\(missing.errors)")
            let resumed = try Command("train", "--resume", run.path, "--from-step", "8")
            #expect(resumed.status == 0 && resumed.errors.contains("done: 4 steps"), "\(resumed.errors)")
            #expect(try losses(run) == whole)
            #expect(checkpoints(run) == ["step-12", "step-8"])
            #expect(FileManager.default.fileExists(atPath: run.appending(path: "checkpoint-1/step-12").path))
        }
    }

    @Test("Ranks that refuse to start are not started again, and the refusing rank is named") func refusingRanks()
        throws
    {
        try withText { folder in
            #expect(try Command(arguments: arguments(in: folder, steps: 4)).status == 0)
            let run = folder.appending(path: "runs/debug")
            let file = run.appending(path: "checkpoint/step-4/rank-1.safetensors")
            var content = try Data(contentsOf: file)
            content[content.count / 2] ^= 1
            try content.write(to: file)
            let resumed = try Command("train", "--resume", run.path, "--steps", "8", "--max-restarts", "3")
            #expect(resumed.status == 70, "\(resumed.errors)")
            #expect(
                resumed.errors.contains("failed: no checkpoint can be used: \(file.path) is damaged"),
                "\(resumed.errors)")
            #expect(!resumed.errors.contains("restarting"), "\(resumed.errors)")
        }
    }

    @Test(
        "A loss that is not finite ends the run, is skipped, or sends it back to the last checkpoint",
        arguments: [("stop", 1), ("skip", 11), ("rewind", 11)])
    func nonFiniteLosses(reaction: String, failures: Int) throws {
        try withText { folder in
            let command = try Command(
                arguments: arguments(
                    in: folder, steps: 30, "--checkpoint.interval", "1", "--optimizer.lr", "1e15",
                    "--training.max_norm",
                    "0", "--training.on_nonfinite", reaction))
            #expect(command.status == 70, "\(command.errors)")
            let run = folder.appending(path: "runs/debug")
            let count = try losses(run).count
            #expect(command.errors.matches(of: /Warning: in step \d+, the loss or gradient/).count == failures - 1)
            #expect(command.errors.contains("\nto continue:  "), "\(command.errors)")
            let last = reaction == "skip" ? count + failures - 1 : count
            #expect(checkpoints(run).contains("step-\(last)"), "\(checkpoints(run))")
        }
    }
}
