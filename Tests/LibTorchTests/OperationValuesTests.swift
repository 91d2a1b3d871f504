import Foundation
import LibTorch
import Testing

/// The operations of the shim, one by one, against values that PyTorch computed. Fixtures/make_values.py writes them.
@Suite("Operations against PyTorch") struct OperationValuesTests {
    private typealias Operation = @Sendable (RecordedOperation, [Tensor], WeightGradients) throws -> [Tensor]

    private static let creation: [String: Operation] = [
        "to_type": { c, x, _ in [try x[0].converted(to: RecordedOperation.Values.elementType(c.type))] },
        "full": { c, _, _ in
            [try .full(c.integers("shape"), RecordedOperation.Values.elementType(c.type), c.number("value"))]
        },
        "arange": { c, _, _ in [try .range(c.integer("count"), RecordedOperation.Values.elementType(c.type))] },
        "normal": { c, _, _ in
            let seed = UInt64(try c.integer("seed"))
            return [try .normal(c.integers("shape"), RecordedOperation.Values.elementType(c.type), seed: seed)]
        },
        "clone": { _, x, _ in [try x[0].copied()] },
    ]

    private static let shape: [String: Operation] = [
        "reshape": { c, x, _ in [try x[0].reshaped(c.integers("shape"))] },
        "transpose": { c, x, _ in [try x[0].transposed(c.integer("first"), c.integer("second"))] },
        "contiguous": { _, x, _ in [try x[0].contiguous()] },
        "narrow": { c, x, _ in
            let start = try c.integer("start")
            return [try x[0].narrowed(c.integer("dimension"), start..<start + c.integer("length"))]
        },
        "expand": { c, x, _ in [try x[0].expanded(c.integers("shape"))] },
        "concatenate": { c, x, _ in [try .concatenated(x, along: c.integer("dimension"))] },
        "index_select": { c, x, _ in [try x[0].selected(c.integer("dimension"), x[1])] },
        "gather": { c, x, _ in [try x[0].gathered(c.integer("dimension"), x[1])] },
        "index_add": { c, x, _ in [try x[0].adding(x[2], at: x[1], along: c.integer("dimension"))] },
        "scatter": { c, x, _ in [try x[0].setting(c.integer("dimension"), x[1], to: c.number("value"))] },
    ]

    private static let arithmetic: [String: Operation] = [
        "add": { c, x, _ in [try x[0].adding(x[1], scaledBy: c.number("scale"))] },
        "multiply": { _, x, _ in [try x[0].times(x[1])] },
        "scale": { c, x, _ in [try x[0].times(c.number("factor"))] },
        "divide": { _, x, _ in [try x[0].divided(by: x[1])] },
        "matmul": { _, x, _ in [try x[0].matmul(x[1])] },
        "sigmoid": { _, x, _ in [try x[0].sigmoid()] },
        "silu": { _, x, _ in [try x[0].silu()] },
        "gelu": { _, x, _ in [try x[0].gelu()] },
        "softmax": { c, x, _ in [try x[0].softmax(c.integer("dimension"))] },
        "sum": { _, x, _ in [try x[0].sum()] },
        "sum_dimension": { c, x, _ in
            [try x[0].sum(c.integer("dimension"), keepsDimension: c.integer("keeps") != 0)]
        },
        "mean_dimension": { c, x, _ in
            [try x[0].mean(c.integer("dimension"), keepsDimension: c.integer("keeps") != 0)]
        },
        "sign": { _, x, _ in [try x[0].sign()] },
        "topk": { c, x, _ in
            let (values, indices) = try x[0].largest(c.integer("count"))
            return [values, indices]
        },
        "keep": { _, x, _ in [try x[0].keeping(x[1])] },
        "norm_squared": { _, x, _ in [try x[0].squaredNorm()] },
        "is_finite": { _, x, _ in [try x[0].isFinite()] },
    ]

    private static let inPlace: [String: Operation] = [
        "add_in_place": { c, x, _ in
            try x[0].add(x[1], scaledBy: c.number("scale"))
            return [x[0]]
        },
        "scale_in_place": { c, x, _ in
            try x[0].scale(by: c.number("factor"))
            return [x[0]]
        },
        "zero": { _, x, _ in
            try x[0].setToZero()
            return [x[0]]
        },
        "copy": { _, x, _ in
            try x[0].set(to: x[1])
            return [x[0]]
        },
        "adamw": { c, x, _ in
            try x[0].stepAdamW(
                gradients: x[1], firstMoment: x[2], secondMoment: x[3], step: c.integer("step"), lr: c.number("lr"),
                beta1: c.number("beta1"), beta2: c.number("beta2"), eps: c.number("eps"),
                weightDecay: c.number("decay"))
            return [x[0], x[2], x[3]]
        },
    ]

    private static let layers: [String: Operation] = [
        "embedding": { _, x, _ in [try x[0].embedding(of: x[1])] },
        "gather_rows": { _, x, _ in [try x[0].rows(x[1], uses: x[2])] },
        "rms_norm": { c, x, _ in [try x[0].rmsNormalized(x[1], epsilon: c.number("epsilon"))] },
        "rotate": { _, x, _ in [try x[0].rotated(cosines: x[1], sines: x[2])] },
        "attention": { c, x, _ in [try x[0].attention(keys: x[1], values: x[2], scale: c.number("scale"))] },
        "latent_heads": { _, x, _ in
            try x[0].latentHeads(keysAndValues: x[1], rotaryKeys: x[2], rotary: (cosines: x[3], sines: x[4]))
        },
        "latent_attention": { c, x, _ in
            [
                try x[0].latentAttention(
                    keysAndValues: x[1], rotaryKeys: x[2], cosines: x[3], sines: x[4], scale: c.number("scale"))
            ]
        },
        "cross_entropy": { _, x, _ in [try x[0].crossEntropy(targets: x[1])] },
        "linear_cross_entropy": { _, x, weights in [try x[0].linearCrossEntropy(x[1], targets: x[2], weights)] },
        "merge": { _, x, _ in [try x[0].merged(places: x[1])] },
        "linear": { _, x, weights in [try x[0].linear(x[1], weights)] },
        "experts": { c, x, weights in
            let factors = x.count > 3 ? x[3] : nil
            return [
                try x[0].experts(counts: c.integers("counts"), up: x[1], down: x[2], factors: factors, weights)
            ]
        },
    ]

    private static let operations: [String: Operation] = [creation, shape, arithmetic, inPlace, layers].reduce(into: [:]
    ) {
        $0.merge($1) { first, _ in first }
    }

    @Test("An operation has PyTorch's outputs and gradients", arguments: RecordedOperation.all)
    func valuesAndGradients(recorded: RecordedOperation) throws {
        let operation = try #require(Self.operations[recorded.operation])
        let weights = try WeightGradients()
        let inputs = try recorded.inputs.map { values in
            let tensor = try values.tensor()
            return recorded.seed != nil && values.type.contains("float") ? try tensor.leaf() : tensor
        }
        let outputs = try operation(recorded, inputs, weights)
        try #require(outputs.count == recorded.outputs.count)
        for (index, (output, expected)) in zip(outputs, recorded.outputs).enumerated() {
            try expected.expectEqual(output, tolerance: recorded.tolerance, "output \(index)")
        }
        guard let seed = recorded.seed, let gradients = recorded.gradients else { return }
        try Tensor.backward([outputs[0]], gradients: [seed.tensor()])
        try weights.run()
        for (index, (input, expected)) in zip(inputs, gradients).enumerated() {
            let gradient = try input.gradient()
            #expect((gradient == nil) == (expected == nil), "gradient of input \(index)")
            guard let gradient, let expected else { continue }
            try expected.expectEqual(gradient, tolerance: recorded.tolerance, "gradient of input \(index)")
        }
    }

    @Test("Every computing function of the C header has recorded values")
    func everyFunctionIsRecorded() throws {
        let header = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/CLibTorch/include/CLibTorch.h").standardizedFileURL
        var section = ""
        var functions: Set<String> = []
        for line in try String(contentsOf: header, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("// MARK: ") { section = String(line.dropFirst(9)) }
            guard ["Shape", "Arithmetic", "In-place", "Layers"].contains(where: section.hasPrefix),
                let name = line.firstMatch(of: /^int ct_(\w+)\(/)?.1
            else { continue }
            functions.insert(String(name))
        }
        #expect(functions.count > 30)
        let recorded = Set(RecordedOperation.all.map(\.operation))
        #expect(functions.subtracting(recorded) == [])
        #expect(recorded == Set(Self.operations.keys))
        for type in ["float32", "float64", "bfloat16"] {
            #expect(RecordedOperation.all.filter { $0.type == type }.count > 40, "\(type)")
        }
    }
}
