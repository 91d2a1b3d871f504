import Foundation
import PipelineTraining
import Testing

@Suite("Scales of float8") struct BlockScalesTests {
    @Test("The 256 patterns of e4m3 have their published values") func patterns() {
        let values = BlockScales([1], columns: 1).values(Data((0...255).map { UInt8($0) }), columns: 128)
        #expect(values[0] == 0 && values[0x01] == 1.0 / 512 && values[0x07] == 7.0 / 512 && values[0x08] == 1.0 / 64)
        #expect(values[0x38] == 1 && values[0x3C] == 1.5 && values[0x7E] == 448 && values[0x7F].isNaN)
        for pattern in 0..<127 {
            #expect(values[pattern + 128] == -values[pattern])
            #expect(pattern == 126 || values[pattern] < values[pattern + 1])
        }
    }

    @Test("Each block of 128 x 128 elements has its own scale, also at the edges") func blocks() {
        let (rows, columns) = (130, 260)
        let scales = (1...6).map(Double.init)
        let values = BlockScales(scales, columns: 3).values(
            Data(repeating: 0x38, count: rows * columns), columns: columns)
        for row in 0..<rows {
            for column in 0..<columns {
                #expect(values[row * columns + column] == Float(row / 128 * 3 + column / 128 + 1))
            }
        }
    }
}
