import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes
import TrainingRuns

@Suite struct SavedWeightsTests {
    private func withFolder(_ body: (RunFolder) throws -> Void) throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        try body(try RunFolder.create(named: "run", in: parent))
    }

    /// What four ranks save is the model that one would have saved.
    @Test func everyLayoutSavesTheSameModel() throws {
        try withFolder { folder in
            let grid = RankGrid(pipeline: 2, experts: 2)
            try World(grid).run { place in
                let trainer = try TrainingRank(
                    model: ReferenceModel.model,
                    schedule: try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4),
                    grid: grid, place: place, samples: 8, type: .float64, seed: 5)
                try trainer.parameters.save(to: folder, rank: place.rank, worldSize: 4)
            }
            let read = try SavedWeights(folder).parameters(of: ReferenceModel.model)
            let share = ParameterSet.ExpertShare(index: 0, count: 1)
            for specification in ReferenceModel.model.parameters(ofStage: 0, of: 1) {
                let expected = try specification.startingValues(seed: 5, share: share, type: .float64).doubles()
                #expect(try read[specification.name].doubles() == expected, "\(specification.name)")
            }
        }
    }

    @Test(arguments: [
        "", "{}", #"{"head":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}"#,
        #"{"head":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
        #"{"head":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        #"{"head":{"dtype":"X","shape":[2],"data_offsets":[0,8]}}"#, "[1]", "not JSON",
    ])
    func filesThatAreNoWeightsAreRefused(header: String) throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(at: folder.weights, withIntermediateDirectories: true)
            var data = Data()
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
            data += Data(header.utf8) + Data(count: 8)
            try data.write(to: folder.weightsFile(rank: 0, of: 1))
            #expect(throws: RecipeError.self) { try SavedWeights(folder).parameters(of: ReferenceModel.model) }
            try Data([255, 255, 255, 255, 255, 255, 255, 255, 1]).write(to: folder.weightsFile(rank: 0, of: 1))
            #expect(throws: RecipeError.self) { try SavedWeights(folder) }
        }
    }
}
