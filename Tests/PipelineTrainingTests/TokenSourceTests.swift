import Foundation
import PipelineTraining
import SchedulePlanning
import TestSupport
import Testing
import TrainingRecipes

@Suite struct TokenSourceTests {
    /// Calls `body` with a recipe of files of the given numbers of tokens. The tokens of file n begin with 1000 n.
    private func withSources(_ counts: [Int], weights: [Double], _ body: (Recipe) throws -> Void) throws {
        try withTemporaryFolder { folder in
            var recipe = Preset.debug.recipe
            recipe.training.datasetPath = try counts.enumerated().map { index, count in
                let url = folder.appending(path: "\(index).bin")
                let tokens = (0..<count).map { UInt16(1000 * index + $0).littleEndian }
                try tokens.withUnsafeBytes { Data($0) }.write(to: url)
                return url.path
            }
            recipe.training.datasetWeights = weights
            recipe.training.datasetFormat = .uint16
            recipe.training.seqLen = 4
            recipe.training.globalBatchSize = 8
            recipe.model.vocabSize = 1 << 16
            recipe.validation.split = 0.25
            try body(recipe)
        }
    }

    private func windows(
        _ recipe: Recipe, _ part: TokenSource.Part = .training, steps: ClosedRange<Int>
    ) throws -> [[Int]] {
        let source = try TokenSource(recipe, checksContents: true)
        return steps.flatMap { step in
            (0..<recipe.training.globalBatchSize).map { source.window(part, step: step, sequence: $0) }
        }
    }

    @Test("A permutation is one for every small count, and depends on its key") func permutations() {
        for count in 1...200 {
            let order = RandomPermutation(count: count, using: SplitMix64(seed: 1, UInt64(count)))
            #expect(Set((0..<count).map { order[$0] }) == Set(0..<count))
        }
        let orders = (0..<20 as Range<UInt64>).map { seed in
            let order = RandomPermutation(count: 50, using: SplitMix64(seed: seed))
            return (0..<50).map { order[$0] }
        }
        #expect(Set(orders).count == 20 && !orders.contains(Array(0..<50)))
        let large = RandomPermutation(count: 1 << 40, using: SplitMix64(seed: 1))
        #expect(Set((0..<1000).map { large[$0] }).count == 1000)
    }

    @Test("Windows are consecutive, and are listed without gaps over several pieces") func windowList() {
        let list = WindowList(
            [.init(file: 0, tokens: 3..<20), .init(file: 1, tokens: 0..<5), .init(file: 2, tokens: 10..<16)], stride: 4,
            length: 6)
        #expect(list.count == 4)
        #expect((0..<4).map { list[$0].tokens } == [3..<9, 7..<13, 11..<17, 10..<16])
        #expect((0..<4).map { list[$0].file } == [0, 0, 0, 2])
    }

    /// 133 tokens without 33 held out are 24 windows, and 61 without 15 are 11.
    @Test("Every window of a source is read once per epoch, in another order each time") func epochs() throws {
        try withSources([133, 61], weights: [2, 1]) { recipe in
            let read = try windows(recipe, steps: 1...30)
            #expect(read.allSatisfy { $0.count == 6 && zip($0, $0.dropFirst()).allSatisfy { $1 == $0 + 1 } })
            for (source, count) in [(0, 24), (1, 11)] {
                let own = read.map { $0[0] }.filter { $0 / 1000 == source }
                #expect(abs(own.count - (source == 0 ? 160 : 80)) <= 1)
                let epochs = stride(from: 0, to: own.count - count + 1, by: count).map { Array(own[$0..<$0 + count]) }
                let all = (0..<count).map { 1000 * source + 4 * $0 }
                #expect(epochs.count >= 6 && epochs.allSatisfy { $0.sorted() == all })
                #expect(Set(epochs).count == epochs.count)
            }
        }
    }

    @Test("A resumed run reads what an uninterrupted one reads, and a seed changes the order") func determinism() throws
    {
        try withSources([200, 90, 400], weights: [0.5, 0.2, 0.3]) { recipe in
            let whole = try windows(recipe, steps: 1...40)
            let parts = try windows(recipe, steps: 1...17) + windows(recipe, steps: 18...40)
            #expect(parts == whole)
            var other = recipe
            other.training.seed = 2
            let reordered = try windows(other, steps: 1...40)
            #expect(reordered != whole)
        }
    }

    @Test("Without weights, sources are read in the proportion of their sizes") func sizes() throws {
        try withSources([800, 200], weights: []) { recipe in
            let first = try windows(recipe, steps: 1...50).count { $0[0] < 1000 }
            // 149 and 37 windows.
            #expect(abs(Double(first) - 400 * 149 / 186.0) <= 1)
        }
    }

    @Test("Validation reads the held-out parts alone, in the proportion of the weights") func validation() throws {
        try withSources([400, 400], weights: [3, 1]) { recipe in
            let heldOut = try windows(recipe, .heldOut, steps: 0...3).map { $0[0] }
            #expect(heldOut.allSatisfy { $0 % 1000 >= 300 })
            #expect(heldOut.count { $0 < 1000 } == 24)
            let trained = try windows(recipe, steps: 1...100)
            #expect(trained.allSatisfy { $0[5] % 1000 < 300 })
        }
        try withSources([400, 16], weights: [1, 1]) { recipe in
            // The second source is too short to hold out a window.
            let heldOut = try windows(recipe, .heldOut, steps: 0...1)
            #expect(heldOut.allSatisfy { $0[0] < 1000 })
        }
    }

    /// The positions are those of version 0.1.0, so that runs have the same losses.
    @Test("One source without a description is read at the random positions of before") func oneSource() throws {
        try withSources([1000], weights: []) { recipe in
            let starts = try windows(recipe, steps: 1...1).map { $0[0] }
            var expected: [Int] = []
            for sequence in 0..<8 {
                var generator = SplitMix64(seed: 1, 1, 1, UInt64(sequence))
                expected.append(Int(generator.next() % UInt64(750 - 6 + 1)))
            }
            #expect(starts == expected)
        }
    }
}
