import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import TrainingRecipes

/// A model that learns one time step of a field u on a ring. Each layer mixes neighboring points, then sends every
/// point to two experts.
struct FieldModel: PipelineModel {
    static let points = 64
    let width = 48, layers = 4, experts = 4
    let dataCount = 2
    var maximumStageCount: Int { layers }
    let observations = [(name: "error", count: 1), (name: "change", count: 1)]
    func boundaryShape(samples: Int) -> [Int] { [samples, Self.points, width] }

    func layers(ofStage stage: Int, of stageCount: Int) -> Range<Int> {
        stage * layers / stageCount..<(stage + 1) * layers / stageCount
    }

    func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification] {
        func matrix(_ name: String, _ rows: Int, _ columns: Int) -> ParameterSpecification {
            ParameterSpecification(name, [rows, columns], start: .normal(deviation: 1 / Double(columns).squareRoot()))
        }
        var all = stage == 0 ? [matrix("lift", width, 1)] : []
        for layer in layers(ofStage: stage, of: stageCount) {
            all += [matrix("\(layer).stencil", width, 3 * width), matrix("\(layer).gate", experts, width)]
            all += ExpertLayer.parameters(
                prefix: "\(layer).", width: width, innerWidth: width, count: experts, start: .normal(deviation: 0.1))
        }
        return stage == stageCount - 1 ? all + [matrix("project", 1, width)] : all
    }

    func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph {
        var graph = SegmentGraph(dataCount: dataCount)
        var field =
            stage == 0
            ? graph.compute("lift", [graph.data[0]]) { [try $0[0].linear(parameters["lift"], $1.weights)] }[0]
            : graph.takeInput()
        for layer in layers(ofStage: stage, of: stageCount) { field = try add(layer, to: &graph, field, parameters) }
        guard stage == stageCount - 1 else {
            graph.output = field
            return graph
        }
        let errors = graph.compute("error", [field] + graph.data, outputCount: 2) { inputs, context in
            let change = try inputs[2].adding(inputs[1], scaledBy: -1)
            let miss = try inputs[0].linear(parameters["project"], context.weights).adding(change, scaledBy: -1)
            return try [miss, change].map { try $0.times($0).sum().times(1 / context.batchCounts[0]) }
        }
        graph.addLoss("error", errors[0])
        graph.observe("change", errors[1])
        return graph
    }

    func add(_ layer: Int, to graph: inout SegmentGraph, _ x: SegmentValue, _ p: ParameterSet) throws -> SegmentValue {
        let neighbours = try [Self.points - 1, 1].map { shift in
            try Tensor((0..<Self.points).map { ($0 + shift) % Self.points }, shape: [Self.points])
        }
        let mixed = graph.compute("stencil and gate", [x], outputCount: 5) { inputs, context in
            let ring = try Tensor.concatenated(inputs + neighbours.map { try inputs[0].selected(1, $0) }, along: 2)
            let h = try inputs[0].adding(ring.linear(p["\(layer).stencil"], context.weights).gelu())
            let h_TD = try h.reshaped([-1, width])
            let scores = try h_TD.linear(p["\(layer).gate"], context.weights).softmax()
            let chosen = try scores.leaf(requiresGradient: false).largest(2).indices
            let routed = try RoutedRows(h_TD, experts: chosen, of: experts)
            let weights = try routed.weights(scores.gathered(1, chosen))
            return [h, routed.rows, weights, routed.places, routed.counts_E]
        }
        let counts = graph.exchange("counts", .counts, [mixed[4]])
        let arrived = graph.exchange("dispatch", .dispatch, [mixed[1], counts])
        let weights = graph.exchange("dispatch of weights", .dispatch, [mixed[2], counts])
        let layerExperts = ExpertLayer(prefix: "\(layer).", parameters: p, count: experts)
        let worked = graph.compute("experts", [arrived, weights, counts]) {
            [try layerExperts($0[0], weights: $0[1], counts: $1.gatheredCounts, $1.weights)]
        }
        let returned = graph.exchange("combine", .combine, [worked[0], counts])
        return graph.compute("merge", [mixed[0], returned, mixed[3]]) { inputs, _ in
            let change = try RoutedRows.merge(inputs[1], places: inputs[2])
            return [try inputs[0].adding(change.reshaped(inputs[0].shape))]
        }[0]
    }
}

/// Returns fields of three waves, and the same fields after 0.2 time units of the viscous Burgers equation,
/// ∂u/∂t = ν ∂²u/∂x² - u ∂u/∂x.
func burgers(_ samples: [Int]) throws -> [Tensor] {
    let n = FieldModel.points, h = 2 * Double.pi / Double(n), dt = 0.01, viscosity = 0.05
    func wave(_ k: Int, _ sample: Int, _ point: Int) -> Double {
        sin(Double(k * point) * h + 2.4 * Double(sample * k * k)) / Double(k)
    }
    func step(_ u: [Double]) -> [Double] {
        u.indices.map { i in
            let left = u[(i + n - 1) % n], right = u[(i + 1) % n]
            return u[i] + dt * (viscosity * (left - 2 * u[i] + right) / (h * h) - u[i] * (right - left) / (2 * h))
        }
    }
    let before = samples.map { sample in (0..<n).map { wave(1, sample, $0) + wave(2, sample, $0) + wave(3, sample, $0) }
    }
    let after = before.map { start in (0..<20).reduce(start) { u, _ in step(u) } }
    return try [before, after].map {
        try Tensor($0.flatMap { $0 }, shape: [samples.count, n, 1]).converted(to: .float32)
    }
}

// Trains with DualPipe on two pipeline ranks, with two expert-parallel ranks each. The ranks are threads of this
// process, or the four processes of `torchrun --no-python --nproc-per-node 4 own-model`.
let (samples, grid) = (32, DeviceMesh(pipeline: 2, experts: 2))
try World(grid).run { place in
    let schedule = try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 8)
    let rank = try Trainer(model: FieldModel(), schedule: schedule, grid: grid, place: place, samples: samples)
    for step in 1...150 {
        let counts = [Double(samples * FieldModel.points)]
        let batch = rank.batches(counts: counts) { try burgers($0.map { $0 + step * samples }) }
        _ = try rank.train(
            batch, optimizer: OptimizerStep(number: step, lr: 4e-3 * (1 - Double(step) / 151), weightDecay: 0))
        guard step.isMultiple(of: 50) else { continue }
        let unseen = try rank.evaluate(rank.batches(counts: counts) { try burgers($0.map { -1 - $0 }) })
        let missed = (unseen.total("error") / unseen.total("change")).squareRoot()
        if place.rank == 0 { print("step \(step): error \((1000 * missed).rounded() / 10) % of the field's change") }
    }
}
