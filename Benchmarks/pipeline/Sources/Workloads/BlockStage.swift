import LibTorch
import MoEModels

/// The blocks of a stage as segments. A block is two products with a GELU between, as in DeepSeek's example of
/// DualPipe.
enum BlockStage {
    /// The weights of a block.
    struct Block {
        let up: Tensor
        let down: Tensor

        init(up: [Int], down: [Int]) throws {
            func weight(_ shape: [Int], seed: UInt64) throws -> Tensor {
                let deviation = 1 / Double(shape[1]).squareRoot()
                return try Tensor.normal(shape, .float32, seed: seed).times(deviation).leaf()
            }
            self.up = try weight(up, seed: 1)
            self.down = try weight(down, seed: 2)
        }
    }

    /// Returns the segments of a stage. The loss of the last stage is the mean squared distance from the micro-batch's
    /// second tensor.
    static func graph(_ blocks: ArraySlice<Block>, isFirst: Bool, isLast: Bool) -> SegmentGraph {
        var graph = SegmentGraph(dataCount: 2)
        var x = isFirst ? graph.data[0] : graph.takeInput()
        for block in blocks {
            x =
                graph.compute("block", [x]) { inputs, context in
                    [try inputs[0].linear(block.up, context.weights).gelu().linear(block.down, context.weights)]
                }[0]
        }
        guard isLast else {
            graph.output = x
            return graph
        }
        let loss = graph.compute("loss", [x, graph.data[1]]) { inputs, _ in
            let distance = try inputs[0].adding(inputs[1], scaledBy: -1)
            return [try distance.times(distance).sum().times(1 / Double(distance.elementCount))]
        }[0]
        graph.addLoss("loss", loss)
        return graph
    }
}
