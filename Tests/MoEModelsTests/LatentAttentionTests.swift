import Foundation
import LibTorch
import MoEModels
import Testing
import TrainingRecipes

@Suite("Latent attention") struct LatentAttentionTests {
    private static func configuration(isStretched: Bool) -> DeepSeekV3Configuration {
        var c = DeepSeekV3Configuration()
        (c.hiddenSize, c.numAttentionHeads, c.qLoraRank, c.kvLoraRank) = (6, 2, 4, 3)
        (c.qkNopeHeadDim, c.qkRopeHeadDim, c.vHeadDim) = (2, 4, 3)
        (c.maxPositionEmbeddings, c.dtype, c.ropeTheta) = (16, .float64, 100)
        if isStretched {
            (c.ropeScaling.type, c.ropeScaling.factor, c.ropeScaling.originalMaxPositionEmbeddings) = (.yarn, 4, 4)
        }
        return c
    }

    /// Attention with random parameters.
    private struct Sample {
        let configuration: DeepSeekV3Configuration
        let attention: LatentAttention
        let parameters: ParameterSet
        let context: SegmentContext

        init(isStretched: Bool) throws {
            let c = LatentAttentionTests.configuration(isStretched: isStretched)
            configuration = c
            var parameters = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
            for (index, specification) in LatentAttention.parameters(c, prefix: "a.").enumerated() {
                parameters.add(
                    specification.name, try .normal(specification.shape, .float64, seed: UInt64(index)))
            }
            self.parameters = parameters
            attention = LatentAttention(
                c, prefix: "a.", parameters: parameters, rotary: try RotaryTable(c, length: c.maxPositionEmbeddings))
            context = SegmentContext(weights: try WeightGradients(), batchCounts: [])
        }
    }

    /// The attention of one sequence, written out with loops over rows, heads and positions.
    private struct WrittenOut {
        let sample: Sample

        private func matrix(_ name: String) throws -> [[Double]] {
            let tensor = sample.parameters["a." + name]
            let values = try tensor.doubles()
            let width = tensor.shape.last ?? 1
            return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
        }

        private func normalized(_ x: [Double], _ name: String) throws -> [Double] {
            let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
            let scale = 1 / (mean + sample.configuration.rmsNormEps).squareRoot()
            return zip(x, try matrix(name)[0]).map { $0 * scale * $1 }
        }

        private func product(_ name: String, _ x: [Double]) throws -> [Double] {
            try matrix(name).map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
        }

        private func rotated(_ x: [Double], position: Int) -> [Double] {
            let c = sample.configuration
            let frequencies = RotaryFrequencies(
                dimensions: c.qkRopeHeadDim, base: c.ropeTheta, scaling: c.ropeScaling
            ).values
            return frequencies.enumerated().flatMap { pair, frequency in
                let (even, odd) = (x[2 * pair], x[2 * pair + 1])
                let (cosine, sine) = (cos(Double(position) * frequency), sin(Double(position) * frequency))
                return [even * cosine - odd * sine, even * sine + odd * cosine]
            }
        }

        /// The factor of the scores. YaRN multiplies it by (0.1 · ln(factor) + 1)².
        private var scale: Double {
            let c = sample.configuration
            let plain = 1 / Double(c.qkNopeHeadDim + c.qkRopeHeadDim).squareRoot()
            return c.ropeScaling.type == .yarn ? plain * pow(0.1 * log(c.ropeScaling.factor) + 1, 2) : plain
        }

        func callAsFunction(_ x_SD: [[Double]]) throws -> [[Double]] {
            let c = sample.configuration
            let (nope, width) = (c.qkNopeHeadDim, c.qkNopeHeadDim + c.qkRopeHeadDim)
            var queries: [[[Double]]] = []
            var keys: [[[Double]]] = []
            var values: [[[Double]]] = []
            for (position, x) in x_SD.enumerated() {
                let h = try normalized(x, "attn_norm")
                let q = try product("wq_b", normalized(product("wq_a", h), "q_norm"))
                let compressed = try product("wkv_a", h)
                let kv = try product("wkv_b", normalized(Array(compressed.prefix(c.kvLoraRank)), "kv_norm"))
                let rotaryKey = rotated(Array(compressed.dropFirst(c.kvLoraRank)), position: position)
                let heads = 0..<c.numAttentionHeads
                queries.append(
                    heads.map { head in
                        let own = Array(q[head * width..<(head + 1) * width])
                        return own.prefix(nope) + rotated(Array(own.dropFirst(nope)), position: position)
                    })
                let step = nope + c.vHeadDim
                keys.append(heads.map { Array(kv[$0 * step..<$0 * step + nope]) + rotaryKey })
                values.append(heads.map { Array(kv[$0 * step + nope..<($0 + 1) * step]) })
            }
            return try x_SD.indices.map { i in
                var mixed: [Double] = []
                for head in 0..<c.numAttentionHeads {
                    let scores = (0...i).map { j in
                        exp(scale * zip(queries[i][head], keys[j][head]).reduce(0) { $0 + $1.0 * $1.1 })
                    }
                    let sum = scores.reduce(0, +)
                    mixed += (0..<c.vHeadDim).map { d in
                        (0...i).reduce(0) { $0 + scores[$1] / sum * values[$1][head][d] }
                    }
                }
                return zip(x_SD[i], try product("wo", mixed)).map { $0 + $1 }
            }
        }
    }

    private static func difference(_ left: [Double], _ right: [Double]) throws -> Double {
        try #require(left.count == right.count && !left.isEmpty)
        return zip(left, right).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
    }

    @Test("A batch has the values of the written-out formula", arguments: [false, true])
    func formula(isStretched: Bool) throws {
        let sample = try Sample(isStretched: isStretched)
        let x_BSD = try Tensor.normal([2, 5, 6], .float64, seed: 100)
        let output = try sample.attention(x_BSD, sample.context).doubles()
        let inputs = try x_BSD.doubles()
        for sequence in 0..<2 {
            let rows = (0..<5).map { row in Array(inputs[(sequence * 5 + row) * 6..<(sequence * 5 + row + 1) * 6]) }
            let expected = try WrittenOut(sample: sample)(rows).flatMap { $0 }
            #expect(try Self.difference(Array(output[sequence * 30..<(sequence + 1) * 30]), expected) < 1e-12)
        }
    }

    @Test("A token does not see later tokens")
    func causality() throws {
        let sample = try Sample(isStretched: false)
        let x = try Tensor.normal([1, 5, 6], .float64, seed: 101)
        let whole = try sample.attention(x, sample.context)
        let start = try sample.attention(x.narrowed(1, 0..<3), sample.context)
        #expect(try Self.difference(start.doubles(), whole.narrowed(1, 0..<3).doubles()) < 1e-13)
        #expect(try Self.difference(start.narrowed(1, 2..<3).doubles(), whole.narrowed(1, 4..<5).doubles()) > 1e-3)
    }

    @Test(
        "Decoding with the cache, in any pieces, equals the pass over the whole sequence",
        arguments: [[7], [1, 1, 1, 1, 1, 1, 1], [4, 1, 1, 1], [2, 3, 2]], [false, true])
    func cachedDecoding(pieces: [Int], isStretched: Bool) throws {
        let sample = try Sample(isStretched: isStretched)
        let x_SD = try Tensor.normal([7, 6], .float64, seed: 102)
        let whole = try sample.attention(x_SD.reshaped([1, 7, 6]), sample.context).doubles()
        var cache = LatentCache()
        var rows: [Double] = []
        var position = 0
        for count in pieces {
            let positions = position..<position + count
            let piece = try sample.attention(
                x_SD.narrowed(0, positions), positions: positions, cache: &cache, sample.context.weights)
            rows += try piece.doubles()
            position += count
            #expect(cache.latents_Tc?.shape == [position, sample.configuration.kvLoraRank])
            #expect(cache.rotaryKeys_Tr?.shape == [position, sample.configuration.qkRopeHeadDim])
        }
        #expect(try Self.difference(rows, whole) < 1e-12)
    }
}
