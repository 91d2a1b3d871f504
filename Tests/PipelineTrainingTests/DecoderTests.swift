import Foundation
import LibTorch
import MoEModels
import Testing
import TrainingRecipes

@Suite("Decoder") struct DecoderTests {
    @Test("Decoding token by token over cached latents has the loss of training on the whole sequence")
    func cachedDecoding() throws {
        let model = ReferenceModel.model
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 0, of: 1) {
            set.add(specification.name, try specification.startingValues(seed: 3, share: set.share, type: .float64))
        }
        let data = try ReferenceModel.batch(sequences: 0..<1)
        let tokens = try data[0].integers()
        let targets = try data[2].integers()
        func meanLoss(_ logits: Tensor, _ targets: [Int]) throws -> Double {
            try logits.crossEntropy(targets: Tensor(targets, shape: [targets.count])).double() / Double(targets.count)
        }
        let whole = try DeepSeekV3Decoder(ReferenceModel.configuration, parameters: set).logits(after: tokens)
        let stepwise = try DeepSeekV3Decoder(ReferenceModel.configuration, parameters: set)
        var rows = [try stepwise.logits(after: Array(tokens[..<5]))]
        for token in tokens[5...] { rows.append(try stepwise.logits(after: [token])) }
        let pieces = try Tensor.concatenated(rows, along: 0)
        #expect(abs(try meanLoss(whole, targets) - meanLoss(pieces, targets)) < 1e-12)
        #expect(stepwise.room == ReferenceModel.configuration.maxPositionEmbeddings - tokens.count)

        let graph = try model.graph(ofStage: 0, of: 1, parameters: set)
        let head = try #require(graph.observed.first { $0.name == "loss" })
        let values = try ForwardAlone.run(graph, data: data, counts: ReferenceModel.counts(sequences: 1))
        #expect(abs(try meanLoss(whole, targets) - values[head.value.index].double()) < 1e-12)
    }
}

/// Runs a graph without exchanges between ranks, segment by segment.
private enum ForwardAlone {
    static func run(_ graph: SegmentGraph, data: [Tensor], counts: [Double]) throws -> [Tensor] {
        let weights = try WeightGradients()
        var gathered: GatheredCounts?
        var values = [Tensor?](repeating: nil, count: graph.valueCount)
        for (value, tensor) in zip(graph.data, data) { values[value.index] = tensor }
        for segment in graph.segments {
            let inputs = try segment.inputs.map { try #require(values[$0.index]) }
            let outputs =
                switch segment.work {
                case .compute(let compute):
                    try compute(
                        inputs, SegmentContext(weights: weights, batchCounts: counts, gatheredCounts: gathered))
                case .exchange(.counts): [try inputs[0].reshaped([1, -1])]
                case .exchange: [inputs[0]]
                }
            if segment.work.isCounts { gathered = GatheredCounts(outputs[0]) }
            for (value, tensor) in zip(segment.outputs, outputs) { values[value.index] = tensor }
        }
        return try values.map { try #require($0) }
    }
}
