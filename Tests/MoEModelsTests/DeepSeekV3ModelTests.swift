import LibTorch
import MoEModels
import Testing
import TrainingRecipes

@Suite("DeepSeek-V3 model") struct DeepSeekV3ModelTests {
    private static func model(layers: Int = 4, predictionDepth: Int = 1) -> DeepSeekV3Model {
        var c = DeepSeekV3Configuration()
        (c.vocabSize, c.hiddenSize, c.numHiddenLayers, c.firstKDenseReplace) = (10, 4, layers, 1)
        (c.numAttentionHeads, c.qLoraRank, c.kvLoraRank) = (2, 3, 5)
        (c.qkNopeHeadDim, c.qkRopeHeadDim, c.vHeadDim) = (2, 2, 3)
        (c.intermediateSize, c.moeIntermediateSize, c.nRoutedExperts, c.numExpertsPerTok) = (6, 7, 4, 1)
        (c.nGroup, c.topkGroup, c.numNextnPredictLayers) = (1, 1, predictionDepth)
        (c.moeRouterBiasUpdateRate, c.dtype) = (0.25, .float64)
        return DeepSeekV3Model(c, sequenceLength: 8)
    }

    @Test(
        "The stages of any number together have the parameters of the whole model",
        arguments: [1, 2, 3, 4], [0, 1])
    func stages(stageCount: Int, predictionDepth: Int) {
        let model = Self.model(predictionDepth: predictionDepth)
        let whole = model.parameters(ofStage: 0, of: 1)
        #expect(Set(whole.map(\.name)).count == whole.count)
        let stages = (0..<stageCount).map { model.parameters(ofStage: $0, of: stageCount) }
        #expect(stages.allSatisfy { !$0.isEmpty })
        #expect(Set(stages.flatMap { $0 }) == Set(whole))
        // Only the embedding of multi-token prediction is on two stages.
        let copies = stages.flatMap { $0 }.count - whole.count
        #expect(copies == (stageCount > 1 && predictionDepth > 0 ? 1 : 0))
        #expect(stages[stageCount - 1].contains { $0.name == "embed" } == (stageCount == 1 || predictionDepth > 0))
    }

    @Test("The bias of an expert rises if it had less than the mean load, and falls if it had more")
    func biasUpdate() throws {
        let model = Self.model()
        var parameters = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        let bias = try Tensor([1, 1, 1, 1] as [Double], shape: [4])
        parameters.add("layers.2.bias", bias)
        try model.adjust(parameters, observations: ["layers.2.load": [0, 2, 6, 0], "layers.3.load": [9, 0, 0, 0]])
        #expect(try bias.doubles() == [1.25, 1, 0.75, 1.25])
        try model.adjust(parameters, observations: ["layers.2.load": [5, 5, 5, 5]])
        #expect(try bias.doubles() == [1.25, 1, 0.75, 1.25])
    }

    @Test("A bias of a bfloat16 model that rises 1000 times by 1e-3 reaches 1")
    func biasOfABFloat16Model() throws {
        var c = Self.model().configuration
        (c.moeRouterBiasUpdateRate, c.dtype) = (1e-3, .bfloat16)
        let model = DeepSeekV3Model(c, sequenceLength: 8)
        let name = "layers.2.bias"
        var parameters = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        let specification = try #require(model.parameters(ofStage: 0, of: 1).first { $0.name == name })
        let type = specification.type(inModelOf: model.elementType)
        #expect(type == .float32)
        parameters.add(name, try specification.startingValues(seed: 1, share: parameters.share, type: type))
        for _ in 0..<1000 { try model.adjust(parameters, observations: ["layers.2.load": [0, 2, 2, 4]]) }
        let bias = try parameters[name].doubles()
        #expect(abs(bias[0] - 1) < 1e-4 && bias[1] == 0 && bias[2] == 0 && abs(bias[3] + 1) < 1e-4)
    }

    @Test("The expert balance is the mean over layers of mean load by largest load, and 1 without load")
    func expertBalance() {
        let model = Self.model()
        #expect(model.expertBalance(["layers.1.load": [1, 1, 1, 1], "layers.4.load": [4, 0, 0, 0]]) == 0.625)
        #expect(model.expertBalance(["layers.1.load": [0, 0, 0, 0]]) == 1)
        #expect(model.expertBalance([:]) == nil)
    }

    @Test("The observations are the losses and the load of every layer with routed experts")
    func observations() {
        let names = Self.model().observations.map { "\($0.name) \($0.count)" }
        #expect(
            names == [
                "loss 1", "balance 1", "mtp loss 1", "layers.1.load 4", "layers.2.load 4", "layers.3.load 4",
                "layers.4.load 4",
            ])
        let plain = Self.model(predictionDepth: 0).observations.map(\.name)
        #expect(plain == ["loss", "balance", "layers.1.load", "layers.2.load", "layers.3.load"])
    }

    @Test(
        "A stage graph reports and reads each of its values after the segment that produces it", arguments: [1, 2, 4])
    func graphs(stageCount: Int) throws {
        let model = Self.model()
        for stage in 0..<stageCount {
            var parameters = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
            for specification in model.parameters(ofStage: stage, of: stageCount) {
                parameters.add(
                    specification.name,
                    try specification.startingValues(seed: 1, share: parameters.share, type: .float64))
            }
            let graph = try model.graph(ofStage: stage, of: stageCount, parameters: parameters)
            #expect((graph.input == nil) == (stage == 0))
            #expect((graph.output == nil) == (stage == stageCount - 1))
            var known = Set(graph.data + (graph.input.map { [$0] } ?? []))
            for segment in graph.segments {
                #expect(segment.inputs.allSatisfy(known.contains), "\(segment.name)")
                for output in segment.outputs { #expect(known.insert(output).inserted, "\(segment.name)") }
            }
            #expect(known.count == graph.valueCount)
            #expect(graph.losses.allSatisfy(known.contains) && graph.observed.allSatisfy { known.contains($0.value) })
            #expect(Set(graph.observed.map(\.name)).isSubset(of: model.observations.map(\.name)))
        }
    }
}
