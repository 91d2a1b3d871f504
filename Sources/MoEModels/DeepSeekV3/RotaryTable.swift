import Foundation
import LibTorch

/// The cosines and sines of rotary positions, made once for a model's longest sequence.
struct RotaryTable {
    private let cosines_Sd, sines_Sd: Tensor

    init(_ configuration: DeepSeekV3Configuration) throws {
        let frequencies = RotaryFrequencies(
            dimensions: configuration.rotaryHeadWidth, base: configuration.rotaryBase, stretch: configuration.stretch
        ).values
        let angles = (0..<configuration.maximumLength).flatMap { position in
            frequencies.map { Double(position) * $0 }
        }
        let shape = [configuration.maximumLength, frequencies.count]
        cosines_Sd = try Tensor(angles.map { cos($0) }, shape: shape).converted(to: configuration.elementType)
        sines_Sd = try Tensor(angles.map { sin($0) }, shape: shape).converted(to: configuration.elementType)
    }

    /// The rows of a range of positions.
    func rows(_ positions: Range<Int>) throws -> (cosines: Tensor, sines: Tensor) {
        (try cosines_Sd.narrowed(0, positions), try sines_Sd.narrowed(0, positions))
    }
}
