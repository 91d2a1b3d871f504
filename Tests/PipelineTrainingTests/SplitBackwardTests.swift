import PipelineRuntime
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

@Suite("Split backward") struct SplitBackwardTests {
    /// The products of the dense network, attention, gates, shared and routed experts, multi-token prediction and
    /// heads.
    @Test("An input gradient runs no weight product, and a weight gradient runs all of them") func products() throws {
        try LibTorchRuntime.setThreads(1)
        let model = ReferenceModel.model
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 0, of: 1) {
            let values = try specification.startingValues(seed: 1, share: set.share, type: .float64)
            set.add(specification.name, specification.isTrained ? try values.leaf() : values)
        }
        let graph = try model.graph(ofStage: 0, of: 1, parameters: set)
        var loads: [Double] = []
        let exchange = TokenDispatcher(group: nil, countsGroup: nil, share: set.share)
        let stage = SegmentStage(graph: graph, stage: 0, exchange: exchange) {
            if $0.hasSuffix("load") { loads += try $1.doubles() }
        }
        let batch = StageBatch(counts: ReferenceModel.counts(sequences: 2)) { _ in
            try ReferenceModel.batch(sequences: 0..<2)
        }
        stage.begin(batch, runsBackward: true)
        let before = WeightGradients.productsRun
        func run(_ kind: ActionKind) throws {
            let action = try stage.start(Action(kind, stage: 0, microbatch: 0), input: nil)
            for _ in 0..<stage.segments(of: kind).count { try action.advance() }
            _ = try action.result()
        }
        try run(.forward)
        try run(.inputGradient)
        #expect(WeightGradients.productsRun == before)
        try run(.weightGradient)

        let attention = 5 * 4
        let dense = 2
        let gatesAndShared = 3 * 3
        let routed = 2 * loads.filter { $0 > 0 }.count
        let joinAndHeads = 3
        #expect(WeightGradients.productsRun - before == attention + dense + gatesAndShared + routed + joinAndHeads)
    }
}
