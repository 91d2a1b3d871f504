import LibTorch
import MoEModels
import PipelineActions
import PipelineRuntime
import Testing
import Timelines

/// One micro-batch through one stage, on a rank that holds all experts.
@Suite("Micro-batch runs") struct MicrobatchRunTests {
    private let dispatcher = TokenDispatcher(
        group: nil, countsGroup: nil, share: ParameterSet.ExpertShare(index: 0, count: 1))

    private func run(
        _ graph: SegmentGraph, data: [Tensor] = [], input: [Double]? = nil, counts: [Double] = [],
        runsBackward: Bool = true
    ) throws -> MicrobatchRun {
        try MicrobatchRun(
            graph: graph, data: data, input: input.map { try Tensor($0, shape: [$0.count]) }, batchCounts: counts,
            exchange: dispatcher, runsBackward: runsBackward)
    }

    private func forward(_ run: MicrobatchRun, _ graph: SegmentGraph) throws -> [Double]? {
        for _ in graph.segments { try run.stepForward() }
        return try run.output()?.doubles()
    }

    private func backward(_ run: MicrobatchRun, _ graph: SegmentGraph, from gradient: [Double]?) throws -> [Double]? {
        run.startBackward(outputGradient: try gradient.map { try Tensor($0, shape: [$0.count]) })
        for _ in graph.segments { try run.stepBackward() }
        return try run.inputGradient()?.doubles()
    }

    /// y = 2x + 3x, whose input two segments read.
    private func sumGraph() -> SegmentGraph {
        var graph = SegmentGraph(dataCount: 0)
        let x = graph.takeInput()
        let double = graph.compute("double", [x]) { inputs, _ in [try inputs[0].times(2)] }[0]
        let triple = graph.compute("triple", [x]) { inputs, _ in [try inputs[0].times(3)] }[0]
        graph.output = graph.compute("add", [double, triple]) { inputs, _ in [try inputs[0].adding(inputs[1])] }[0]
        return graph
    }

    @Test("The gradients of a value that two segments read are added") func gradientsAdd() throws {
        let graph = sumGraph()
        let run = try run(graph, input: [1, -2])
        #expect(try forward(run, graph) == [5, -10])
        #expect(try backward(run, graph, from: [1, 10]) == [5, 50])
    }

    @Test("A forward without a backward computes the same output, without a gradient") func forwardAlone() throws {
        let graph = sumGraph()
        let run = try run(graph, input: [1, -2], runsBackward: false)
        for _ in graph.segments { try run.stepForward() }
        let output = try #require(try run.output())
        #expect(try output.doubles() == [5, -10] && !output.requiresGradient)
    }

    /// The loss Σ(xWᵀ)² / n, with W = [[2, 0], [1, 1]].
    private func lossGraph(_ weight: Tensor, isRecomputed: Bool, onCompute: @escaping () -> Void = {}) -> SegmentGraph {
        var graph = SegmentGraph(dataCount: 1)
        let x = graph.takeInput()
        let y =
            graph.compute("linear", [x], isRecomputed: isRecomputed) { inputs, context in
                onCompute()
                return [try inputs[0].reshaped([1, 2]).linear(weight, context.weights)]
            }[0]
        let loss = graph.compute("loss", [y]) { inputs, context in
            [try inputs[0].times(inputs[0]).sum().times(1 / context.batchCounts[0])]
        }
        graph.addLoss("loss", loss[0])
        return graph
    }

    @Test("A last stage starts from its loss, and leaves weight gradients to stepWeights", arguments: [false, true])
    func weights(isRecomputed: Bool) throws {
        let weight = try Tensor([2.0, 0, 1, 1], shape: [2, 2]).leaf()
        var computed = 0
        let graph = lossGraph(weight, isRecomputed: isRecomputed) { computed += 1 }
        let run = try run(graph, data: [.zeros([1], .float64)], input: [3, 4], counts: [10])
        #expect(try forward(run, graph) == nil)
        // y = (6, 7)
        let observed = try run.observations()
        #expect(observed.map(\.name) == ["loss"])
        #expect(try observed.map { try $0.values.doubles() } == [[8.5]])
        #expect(try backward(run, graph, from: nil)?.map { ($0 * 10).rounded() } == [38, 14])
        #expect(computed == (isRecomputed ? 2 : 1))
        #expect(try weight.gradient() == nil)
        for _ in graph.segments { try run.stepWeights() }
        #expect(try weight.gradient()?.doubles().map { ($0 * 10).rounded() } == [36, 48, 42, 56])
    }

    @Test("Only values that autograd saves outlive the forward, until the backward of their segment")
    func memory() throws {
        let bytes = 8000
        var graph = SegmentGraph(dataCount: 0)
        let x = graph.takeInput()
        let y = graph.compute("square", [x]) { inputs, _ in [try inputs[0].times(inputs[0])] }[0]
        let z = graph.compute("double", [y]) { inputs, _ in [try inputs[0].times(2)] }[0]
        graph.output = graph.compute("triple", [z]) { inputs, _ in [try inputs[0].times(3)] }[0]
        try TensorMemory.startCounting()
        let before = TensorMemory.live
        let run = try run(graph, input: [Double](repeating: 3, count: bytes / 8))
        #expect(try forward(run, graph)?.first == 54)
        #expect((bytes..<bytes + 1000).contains(TensorMemory.live - before))
        #expect(try backward(run, graph, from: [Double](repeating: 1, count: bytes / 8))?.first == 36)
        // The gradient of the input.
        #expect((bytes..<bytes + 1000).contains(TensorMemory.live - before))
    }

    @Test("Exchanges on one rank pass rows and their gradients through") func exchanges() throws {
        var graph = SegmentGraph(dataCount: 1)
        let x = graph.takeInput()
        let counts = graph.exchange("counts", .counts, [graph.data[0]])
        let dispatched = graph.exchange("dispatch", .dispatch, [x, counts])
        let scaled = graph.compute("experts", [dispatched, counts]) { inputs, _ in
            #expect(inputs[1].shape == [1, 3])
            return [try inputs[0].times(7)]
        }[0]
        graph.output = graph.exchange("combine", .combine, [scaled, counts])
        let run = try run(graph, data: [Tensor([1, 0, 2], shape: [3])], input: [1, 2, 3])
        #expect(try forward(run, graph) == [7, 14, 21])
        #expect(try backward(run, graph, from: [1, 0, 2]) == [7, 0, 14])
    }

    @Test("A segment whose outputs reach no loss has no gradient") func unused() throws {
        var graph = SegmentGraph(dataCount: 0)
        let x = graph.takeInput()
        let parts = graph.compute("split", [x], outputCount: 2) { inputs, _ in
            [try inputs[0].times(2), try inputs[0].times(1000)]
        }
        graph.observe("unused", graph.compute("report", [parts[1]]) { inputs, _ in [try inputs[0].times(1)] }[0])
        graph.output = parts[0]
        let run = try run(graph, input: [1])
        #expect(try forward(run, graph) == [2])
        #expect(try run.observations().map { try $0.values.doubles() } == [[1000]])
        #expect(try backward(run, graph, from: [1]) == [2])
    }

    @Test("A stage records a span per segment and pass") func spans() throws {
        let recorder = SpanRecorder(rank: 0)
        let graph = sumGraph()
        let stage = SegmentStage(graph: graph, stage: 4, exchange: dispatcher, recorder: recorder) { _, _ in }
        stage.begin(StageBatch(counts: []) { _ in [] }, runsBackward: true)
        for kind in [ActionKind.forward, .inputGradient] {
            let action = try stage.start(
                Action(kind, stage: 4, microbatch: 2), input: try Tensor([1.0], shape: [1]))
            for _ in 0..<stage.segments(of: kind).count { try action.advance() }
            _ = try action.result()
        }
        let expected: [(String, Pass)] = [
            ("double", .forward), ("triple", .forward), ("add", .forward), ("add", .backward), ("triple", .backward),
            ("double", .backward),
        ]
        #expect(
            recorder.timeline.spans.map { recorder.timeline.event(of: $0) }
                == expected.map { .segment(SegmentEvent($0.0, $0.1, stage: 4, microbatch: 2)) })
    }
}
