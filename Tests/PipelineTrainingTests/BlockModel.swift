import LibTorch
import MoEModels

/// Equal blocks of one segment each, so that all stages keep equally much memory per micro-batch.
struct BlockModel: PipelineModel {
    let blocks: Int
    let width = 16
    let rows = 48

    var elementType = ElementType.float64
    let dataCount = 1
    var maximumStageCount: Int { blocks }
    let observations = [(name: "loss", count: 1)]
    func boundaryShape(samples: Int) -> [Int] { [samples, rows, width] }

    private func blocks(ofStage stage: Int, of stageCount: Int) -> Range<Int> {
        stage * blocks / stageCount..<(stage + 1) * blocks / stageCount
    }

    func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification] {
        blocks(ofStage: stage, of: stageCount).flatMap { block in
            [
                ParameterSpecification("\(block).up", [4 * width, width], start: .normal(deviation: 0.1)),
                ParameterSpecification("\(block).down", [width, 4 * width], start: .normal(deviation: 0.1)),
            ]
        }
    }

    func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph {
        var graph = SegmentGraph(dataCount: 1)
        var x = stage == 0 ? graph.data[0] : graph.takeInput()
        for block in blocks(ofStage: stage, of: stageCount) {
            x =
                graph.compute("block \(block)", [x]) { inputs, context in
                    let hidden = try inputs[0].linear(parameters["\(block).up"], context.weights).gelu()
                    return [try hidden.linear(parameters["\(block).down"], context.weights)]
                }[0]
        }
        guard stage == stageCount - 1 else {
            graph.output = x
            return graph
        }
        let loss = graph.compute("loss", [x]) { inputs, context in
            [try inputs[0].times(inputs[0]).sum().times(1 / context.batchCounts[0])]
        }
        graph.addLoss("loss", loss[0])
        return graph
    }
}
