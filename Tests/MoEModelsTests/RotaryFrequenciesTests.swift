import Foundation
import MoEModels
import Testing
import TrainingRecipes

@Suite("Rotary frequencies") struct RotaryFrequenciesTests {
    @Test("Frequencies without scaling are a geometric series from 1") func geometricSeries() {
        let values = RotaryFrequencies(dimensions: 8, base: 10_000).values
        #expect(values.count == 4 && values[0] == 1)
        for (left, right) in zip(values, values.dropFirst()) { #expect(abs(right / left - 0.1) < 1e-12) }
    }

    @Test("YaRN keeps the fastest frequency, divides the slowest by the factor and the others by at most it")
    func yarn() {
        let plain = RotaryFrequencies(dimensions: 64, base: 10_000).values
        var scaling = Recipe.RopeScaling()
        (scaling.type, scaling.factor) = (.yarn, 40)
        let stretched = RotaryFrequencies(dimensions: 64, base: 10_000, scaling: scaling).values
        #expect(stretched[0] == plain[0])
        #expect(abs(stretched[31] / plain[31] - 1.0 / 40) < 1e-12)
        for index in 0..<32 {
            let slowest: Double = plain[index] / 40 * (1 - 1e-12)
            #expect((slowest...plain[index]).contains(stretched[index]))
        }
    }
}
