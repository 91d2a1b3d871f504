import Foundation
import LibTorch
import TrainingRecipes

/// The cosines and sines of the rotary angles at all positions of a sequence.
package struct RotaryTable {
    private let cosines_Sd, sines_Sd: Tensor

    package init(_ configuration: DeepSeekV3Configuration, length: Int) throws {
        let frequencies = RotaryFrequencies(
            dimensions: configuration.qkRopeHeadDim, base: configuration.ropeTheta, scaling: configuration.ropeScaling
        ).values
        let angles = (0..<length).flatMap { position in frequencies.map { Double(position) * $0 } }
        let shape = [length, frequencies.count]
        cosines_Sd = try Tensor(angles.map { cos($0) }, shape: shape).converted(to: configuration.elementType)
        sines_Sd = try Tensor(angles.map { sin($0) }, shape: shape).converted(to: configuration.elementType)
    }

    /// The rows of a range of positions, [positions, d/2] each.
    func rows(_ positions: Range<Int>) throws -> (cosines: Tensor, sines: Tensor) {
        (try cosines_Sd.narrowed(0, positions), try sines_Sd.narrowed(0, positions))
    }
}
