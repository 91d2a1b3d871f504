import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

@Suite("Saved weights") struct SavedWeightsTests {
    private func withFolder(_ body: (RunFolder) throws -> Void) throws {
        try withTemporaryFolder { try body(try RunFolder.create(named: "run", in: $0)) }
    }

    @Test("Four ranks save the model that one rank would save") func fourRanks() throws {
        try withFolder { folder in
            let grid = DeviceMesh(pipeline: 2, experts: 2)
            try World(grid).run { place in
                let trainer = try Trainer(
                    model: ReferenceModel.model,
                    schedule: try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4),
                    grid: grid, place: place, samples: 8, seed: 5)
                try trainer.saveWeights(to: folder, step: 1)
            }
            try checkIndex(of: folder)
            let read = try SavedWeights(folder).parameters(of: ReferenceModel.model)
            let share = ParameterSet.ExpertShare(index: 0, count: 1)
            for specification in ReferenceModel.model.parameters(ofStage: 0, of: 1) {
                let expected = try specification.startingValues(seed: 5, share: share, type: .float64).doubles()
                #expect(try read[specification.name].doubles() == expected, "\(specification.name)")
            }
        }
    }

    /// Expects that the index names exactly the files in the folder and the tensors of each.
    private func checkIndex(of folder: RunFolder) throws {
        struct Index: Decodable {
            let metadata: [String: Int]
            let weight_map: [String: String]
        }
        let index = try JSONDecoder().decode(Index.self, from: Data(contentsOf: folder.weightsIndex))
        var byteCount = 0
        var found: [String: String] = [:]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.weights.path)
        for name in names where name.hasSuffix(".safetensors") {
            let data = try Data(contentsOf: folder.weights.appending(path: name))
            let length = (0..<8).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }
            let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any]
            for tensor in try #require(header).keys where tensor != "__metadata__" { found[tensor] = name }
            byteCount += data.count - 8 - length
        }
        #expect(index.weight_map == found)
        #expect(index.metadata == ["total_size": byteCount])
        // Under DualPipe both pipeline ranks hold the whole model. The two expert ranks of the first one own it.
        let expected: Set = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
        #expect(Set(found.values) == expected)
        #expect(FileManager.default.fileExists(atPath: folder.weightsConfiguration.path))
    }

    private func save(_ folder: RunFolder, step: Int = 1, seed: UInt64 = 5) throws {
        try World(DeviceMesh(pipeline: 1, experts: 1)).run { place in
            let trainer = try Trainer(
                model: ReferenceModel.model, schedule: try BuiltInSchedule.gpipe.build(ranks: 1, microbatches: 1),
                grid: DeviceMesh(pipeline: 1, experts: 1), place: place, samples: 1, seed: seed)
            try trainer.saveWeights(to: folder, step: step)
        }
    }

    @Test("Files that the manifest does not list are not read, and every damaged or missing one is refused")
    func manifest() throws {
        try withFolder { folder in
            try save(folder)
            try Data("no weights".utf8).write(
                to: folder.weights.appending(path: RunFolder.weightsFileName(rank: 0, of: 2)))
            #expect(try SavedWeights(folder).parameters(of: ReferenceModel.model).contains("embed"))
            let names = ["config.json", "model.safetensors.index.json", RunFolder.weightsFileName(rank: 0, of: 1)]
            for name in names + ["manifest.json"] {
                let file = folder.weights.appending(path: name)
                let content = try Data(contentsOf: file)
                var changed = content
                changed[content.count / 2] ^= 1
                try changed.write(to: file)
                let error = try #require(throws: SavedStateError.self) { try SavedWeights(folder) }
                #expect(error.description.contains("\(name) is damaged"), "\(error)")
                try content.write(to: file)
            }
            _ = try SavedWeights(folder)
            try FileManager.default.removeItem(at: folder.weights.appending(path: names[2]))
            #expect(throws: RunFileError.self) { try SavedWeights(folder) }
        }
    }

    @Test("Weights of another program are those that their index names, in the folder alone") func index() throws {
        try withFolder { folder in
            try save(folder)
            try FileManager.default.removeItem(at: folder.weights.appending(path: "manifest.json"))
            try Data("no weights".utf8).write(
                to: folder.weights.appending(path: RunFolder.weightsFileName(rank: 0, of: 2)))
            #expect(try SavedWeights(folder).parameters(of: ReferenceModel.model).contains("embed"))
            try Data(#"{"weight_map": {"a": "../recipe.safetensors"}}"#.utf8).write(to: folder.weightsIndex)
            let error = #expect(throws: SavedStateError.self) { try SavedWeights(folder) }
            #expect(error?.description.contains("names '../recipe.safetensors', which is not a file in") == true)
            try Data("[]".utf8).write(to: folder.weightsIndex)
            #expect(throws: SavedStateError.self) { try SavedWeights(folder) }
        }
    }

    @Test("New weights replace the previous ones as a whole, and an interrupted replacement is finished")
    func replacement() throws {
        try withFolder { folder in
            let manager = FileManager.default
            func entries() throws -> [String] { try manager.contentsOfDirectory(atPath: folder.url.path).sorted() }
            try save(folder, step: 1)
            try Data("mine".utf8).write(to: folder.weights.appending(path: "notes"))
            try save(folder, step: 2, seed: 6)
            #expect(try WeightsFolder(folder).manifest()?.step == 2)
            #expect(try entries() == ["weights", "weights.previous-1"])
            #expect(try manager.contentsOfDirectory(atPath: folder.url.path + "/weights.previous-1") == ["notes"])
            // Interrupted before the complete weights were renamed.
            try manager.moveItem(at: folder.weights, to: folder.url.appending(path: "weights.unfinished"))
            try WeightsFolder(folder).removeLeftovers()
            #expect(try WeightsFolder(folder).manifest()?.step == 2)
            // Interrupted before the weights were complete.
            try manager.copyItem(at: folder.weights, to: folder.url.appending(path: "weights.unfinished"))
            try manager.removeItem(at: folder.url.appending(path: "weights.unfinished/manifest.json"))
            try WeightsFolder(folder).removeLeftovers()
            #expect(try entries() == ["weights", "weights.previous-1"])
            #expect(try SavedWeights(folder).parameters(of: ReferenceModel.model).contains("embed"))
        }
    }

    @Test(
        "A file with a damaged header is refused",
        arguments: [
            "", "{}", #"{"head":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}"#,
            #"{"head":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
            #"{"head":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"head":{"dtype":"X","shape":[2],"data_offsets":[0,8]}}"#, "[1]", "not JSON",
        ])
    func damagedHeaders(header: String) throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(at: folder.weights, withIntermediateDirectories: true)
            var data = Data()
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
            data += Data(header.utf8) + Data(count: 8)
            try data.write(to: folder.weights.appending(path: RunFolder.weightsFileName(rank: 0, of: 1)))
            #expect(throws: SavedStateError.self) { try SavedWeights(folder).parameters(of: ReferenceModel.model) }
            try Data([255, 255, 255, 255, 255, 255, 255, 255, 1]).write(
                to: folder.weights.appending(path: RunFolder.weightsFileName(rank: 0, of: 1)))
            #expect(throws: SavedStateError.self) { try SavedWeights(folder) }
        }
    }
}
