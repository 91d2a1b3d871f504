package import Foundation

/// The scales of a float8 matrix, one per block of 128 x 128 elements.
///
/// Source: DeepSeek-V3's published weights (`weight_scale_inv`).
package struct BlockScales {
    /// The rows and the columns of a block.
    static let size = 128

    private let scales: [Float]
    private let columns: Int

    /// - Parameters:
    ///   - scales: The scales of the blocks, row by row.
    ///   - columns: The number of blocks per row.
    package init(_ scales: [Double], columns: Int) {
        self.scales = scales.map(Float.init)
        self.columns = columns
    }

    /// Returns the elements of a matrix, each times the scale of its block.
    ///
    /// - Parameter count: The number of elements per row.
    package func values(_ bytes: Data, columns count: Int) -> [Float] {
        bytes.enumerated().map { index, byte in
            let (row, column) = index.quotientAndRemainder(dividingBy: count)
            return Self.values[Int(byte)] * scales[row / Self.size * columns + column / Self.size]
        }
    }

    /// The value of each bit pattern of e4m3fn.
    private static let values: [Float] = (0..<256).map { bits in
        let (exponent, mantissa) = (bits >> 3 & 15, bits & 7)
        let magnitude: Float =
            switch (exponent, mantissa) {
            case (15, 7): .nan
            case (0, _): Float(mantissa) / 512
            default: Float(8 + mantissa) * Float(sign: .plus, exponent: exponent - 10, significand: 1)
            }
        return bits & 128 == 0 ? magnitude : -magnitude
    }
}
