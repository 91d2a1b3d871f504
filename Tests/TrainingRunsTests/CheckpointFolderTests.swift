import Foundation
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

@Suite struct CheckpointFolderTests {
    private func withCheckpoints(_ body: (CheckpointFolder, URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(path: "checkpoint", directoryHint: .isDirectory)
            try body(CheckpointFolder(url: url), url)
        }
    }

    /// Writes the files of all ranks, as training does before it completes a checkpoint.
    private func write(step: Int, ranks: Int, in checkpoints: CheckpointFolder) throws -> CheckpointManifest {
        let folder = try checkpoints.folder(step: step, creates: true)
        var manifest = CheckpointManifest(step: step)
        manifest.files = try (0..<ranks).map { rank in
            try folder.writeDurably(
                Data("step \(step), rank \(rank)".utf8), to: CheckpointFolder.fileName(rank: rank))
        }
        return manifest
    }

    @discardableResult
    private func save(
        step: Int, ranks: Int = 2, validationLoss: Double? = nil, isOutlier: Bool = false, keeping count: Int = 2,
        in checkpoints: CheckpointFolder
    ) throws -> [String] {
        var manifest = try write(step: step, ranks: ranks, in: checkpoints)
        manifest.validationLoss = validationLoss
        manifest.isOutlier = isOutlier
        return try checkpoints.commit(manifest, keepingLatest: count)
    }

    private func newest(_ checkpoints: CheckpointFolder) throws -> CheckpointFolder.Continuation? {
        try checkpoints.continuation(with: nil, data: nil, from: checkpoints.steps())
    }

    /// Returns whether a checkpoint is refused by the check of its manifest or of its files.
    private func isRefused(_ step: Int, in checkpoints: CheckpointFolder) -> Bool {
        do {
            let folder = try checkpoints.folder(step: step)
            for file in try checkpoints.manifest(step: step).files { try file.verify(in: folder) }
            return false
        } catch {
            return !"\(error)".contains("\n") && "\(error)".contains("/step-\(step)/")
        }
    }

    @Test("Without a completed checkpoint there is nothing to continue from") func emptyFolders() throws {
        try withCheckpoints { checkpoints, url in
            #expect(try newest(checkpoints) == nil)
            _ = try write(step: 5, ranks: 2, in: checkpoints)
            #expect(try newest(checkpoints) == nil && checkpoints.steps() == [])
            #expect(try CheckpointFolder(url: url.appending(path: "no/checkpoint")).steps() == [])
        }
    }

    @Test("The newest completed checkpoint is the one to continue from") func newestCheckpoint() throws {
        try withCheckpoints { checkpoints, url in
            try save(step: 9, ranks: 12, in: checkpoints)
            try save(step: 10, ranks: 3, in: checkpoints)
            _ = try write(step: 11, ranks: 1, in: checkpoints)
            // A later process opens the same folder.
            let found = try #require(try newest(CheckpointFolder(url: url)))
            #expect(found.manifest.step == 10 && found.refusals == [])
            #expect(found.manifest.files.map(\.name) == (0..<3).map { "rank-\($0).safetensors" })
        }
    }

    @Test("The newest, the best and the newest sound checkpoint are kept, and later and foreign files stay")
    func retention() throws {
        try withCheckpoints { checkpoints, url in
            try save(step: 90, in: checkpoints)
            for (step, loss, isOutlier) in [
                (10, 3.0, false), (20, 1.0, false), (30, 2.0, false), (40, 4.0, true), (50, 9.0, true), (60, 8.0, true),
            ] {
                try save(step: step, validationLoss: loss, isOutlier: isOutlier, in: checkpoints)
            }
            #expect(try checkpoints.steps() == [90, 60, 50, 30, 20])
            try Data().write(to: url.appending(path: "step-20/notes"))
            #expect(try save(step: 70, validationLoss: 0.5, keeping: 1, in: checkpoints).count == 1)
            #expect(try checkpoints.steps() == [90, 70])
            #expect(try FileManager.default.contentsOfDirectory(atPath: url.path + "/step-20") == ["notes"])
        }
    }

    @Test("Every changed bit of a manifest, and of the files it lists, is refused by the file's name")
    func changedBits() throws {
        try withCheckpoints { checkpoints, url in
            try save(step: 5, validationLoss: 1.25, in: checkpoints)
            for name in ["manifest.json", "rank-0.safetensors", "rank-1.safetensors"] {
                let file = url.appending(path: "step-5/\(name)")
                let content = try Data(contentsOf: file)
                for bit in 0..<8 * content.count {
                    var changed = content
                    changed[bit / 8] ^= 1 << UInt8(bit % 8)
                    try changed.write(to: file)
                    #expect(isRefused(5, in: checkpoints), "bit \(bit) of \(name)")
                }
                try content.write(to: file)
            }
            #expect(!isRefused(5, in: checkpoints))
        }
    }

    @Test("Truncated, longer, missing, exchanged and linked files are refused, and the checkpoint before is used")
    func otherDamage() throws {
        typealias Damage = (FileManager, URL) throws -> Void
        let damages: [Damage] = [
            { _, step in try Data("step 9".utf8).write(to: step.appending(path: "rank-1.safetensors")) },
            { _, step in try Data("step 9, rank 1 ".utf8).write(to: step.appending(path: "rank-1.safetensors")) },
            { manager, step in try manager.removeItem(at: step.appending(path: "rank-0.safetensors")) },
            { manager, step in
                let file = step.appending(path: "rank-0.safetensors")
                try manager.moveItem(at: file, to: step.appending(path: "other"))
                try manager.createSymbolicLink(at: file, withDestinationURL: step.appending(path: "other"))
            },
            { _, step in try Data("{}".utf8).write(to: step.appending(path: "manifest.json")) },
            { manager, step in
                try manager.removeItem(at: step)
                try manager.copyItem(at: step.deletingLastPathComponent().appending(path: "step-8"), to: step)
            },
        ]
        for (index, damage) in damages.enumerated() {
            try withCheckpoints { checkpoints, url in
                try save(step: 8, in: checkpoints)
                try save(step: 9, in: checkpoints)
                try damage(FileManager.default, url.appending(path: "step-9", directoryHint: .isDirectory))
                let found = try #require(try newest(checkpoints), "damage \(index)")
                #expect(found.manifest.step == 8 && found.refusals.count == 1, "damage \(index)")
                #expect(found.refusals[0].contains("/step-9/"), "\(found.refusals)")
            }
        }
        try withCheckpoints { checkpoints, url in
            try save(step: 9, in: checkpoints)
            let files = [0, 1].map { url.appending(path: "step-9/rank-\($0).safetensors") }
            let contents = try files.map { try Data(contentsOf: $0) }
            try contents[1].write(to: files[0])
            try contents[0].write(to: files[1])
            #expect(isRefused(9, in: checkpoints))
        }
    }

    @Test("A folder in which every checkpoint is damaged, or of an older version, is an error") func noneIsUsable()
        throws
    {
        try withCheckpoints { checkpoints, url in
            try save(step: 8, in: checkpoints)
            try Data("{}".utf8).write(to: url.appending(path: "step-8/manifest.json"))
            let error = try #require(throws: SavedStateError.self) { try newest(checkpoints) }
            #expect(error.description.hasPrefix("no checkpoint can be used: "))
            try FileManager.default.removeItem(at: url)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
            try Data("8 2\n".utf8).write(to: url.appending(path: "latest"))
            let older = try #require(throws: SavedStateError.self) { try newest(checkpoints) }
            #expect(older.description.contains("was saved by an older version"))
        }
    }

    @Test("A changed key of model, batch or data is refused, and a checkpoint of another run is passed over")
    func otherRecipes() throws {
        try withCheckpoints { checkpoints, _ in
            let recipe = Preset.debug.recipe
            func save(_ step: Int, _ recipe: Recipe) throws {
                var manifest = CheckpointManifest(step: step, recipe: recipe)
                manifest.files = try write(step: step, ranks: 1, in: checkpoints).files
                _ = try checkpoints.commit(manifest, keepingLatest: 5)
            }
            func continuation(_ change: (inout Recipe) -> Void) throws -> Int? {
                var changed = recipe
                change(&changed)
                return try checkpoints.continuation(
                    with: changed, original: recipe, data: nil, from: checkpoints.steps())?.manifest.step
            }
            try save(3, recipe)
            #expect(
                try continuation {
                    $0.optimizer.lr = 7; $0.training.steps = 9; $0.job.name = "other"
                } == 3)
            #expect(try continuation { $0.parallelism.pipelineParallelDegree = 1 } == 3)
            for change: (inout Recipe) -> Void in [
                { $0.model.hiddenSize += 1 }, { $0.training.seqLen += 1 }, { $0.training.globalBatchSize += 1 },
                { $0.training.seed += 1 }, { $0.validation.split += 0.1 },
            ] {
                #expect(throws: RecipeError.self) { try continuation(change) }
            }
            var foreign = recipe
            foreign.training.seed += 1
            try save(4, foreign)
            #expect(try continuation { _ in } == 3)
        }
    }

    @Test("Incomplete checkpoints and interrupted deletions are removed, complete and foreign ones stay")
    func leftovers() throws {
        try withCheckpoints { checkpoints, url in
            try checkpoints.removeLeftovers()
            try save(step: 1, in: checkpoints)
            _ = try write(step: 2, ranks: 2, in: checkpoints)
            try Data().write(to: url.appending(path: "step-2/.writing-rank-3.safetensors"))
            try save(step: 3, in: checkpoints)
            try FileManager.default.moveItem(
                at: url.appending(path: "step-3/manifest.json"), to: url.appending(path: "step-3/manifest.deleted.json")
            )
            _ = try write(step: 4, ranks: 1, in: checkpoints)
            try Data().write(to: url.appending(path: "step-4/notes"))
            try checkpoints.removeLeftovers()
            #expect(try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() == ["step-1", "step-4"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: url.path + "/step-4") == ["notes"])
        }
    }

    @Test("A checkpoint folder that is a link is neither written nor cleaned") func links() throws {
        try withTemporaryFolder { folder in
            let other = folder.appending(path: "other", directoryHint: .isDirectory)
            try save(step: 1, in: CheckpointFolder(url: other))
            _ = try write(step: 2, ranks: 1, in: CheckpointFolder(url: other))
            let link = folder.appending(path: "checkpoint")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: other)
            #expect(throws: RunFileError.self) { try CheckpointFolder(url: link).removeLeftovers() }
            #expect(throws: RunFileError.self) { try save(step: 3, in: CheckpointFolder(url: link)) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).sorted() == ["step-1", "step-2"])
        }
    }
}
