import SchedulePlanning
import Testing

@Suite("Linear programs") struct LinearProgramTests {
    @Test("A textbook program has its known maximum")
    func aTextbookProgramHasItsMaximum() {
        // 3x + 5y with x <= 4, 2y <= 12 and 3x + 2y <= 18 is largest at (2, 6).
        var program = LinearProgram(objective: [3, 5], largest: [4, 6])
        program.require([1, 0], atMost: 4)
        program.require([0, 2], atMost: 12)
        program.require([3, 2], atMost: 18)
        #expect(abs(program.upperBound() - 36) < 1e-9)
    }

    /// In two dimensions the maximum is at a corner, so that all corners can be tried.
    @Test("The bound of random programs is the maximum over their corners")
    func randomProgramsAgreeWithTheirCorners() {
        var random = SplitMix64(state: 3)
        for _ in 0..<300 {
            let objective = [random.nextUnit(), 2 * random.nextUnit() - 1]
            var lines: [(row: [Double], limit: Double)] = [([1, 0], 1), ([0, 1], 1)]
            for _ in 0..<random.next(below: 5) {
                lines.append(([2 * random.nextUnit() - 1, 2 * random.nextUnit() - 1], random.nextUnit()))
            }
            var program = LinearProgram(objective: objective, largest: [1, 1])
            for line in lines { program.require(line.row, atMost: line.limit) }
            let corners = Self.corners(lines + [([-1, 0], 0), ([0, -1], 0)])
            let best = corners.map { objective[0] * $0.x + objective[1] * $0.y }.max() ?? 0
            let bound = program.upperBound()
            #expect(bound >= best - 1e-9 && bound < best + 1e-6, "\(bound) \(best)")
        }
    }

    private static func corners(_ lines: [(row: [Double], limit: Double)]) -> [(x: Double, y: Double)] {
        var corners: [(x: Double, y: Double)] = []
        for (index, one) in lines.enumerated() {
            for two in lines[(index + 1)...] {
                let determinant = one.row[0] * two.row[1] - one.row[1] * two.row[0]
                if abs(determinant) < 1e-9 { continue }
                let x = (one.limit * two.row[1] - one.row[1] * two.limit) / determinant
                let y = (one.row[0] * two.limit - one.limit * two.row[0]) / determinant
                let isInside = lines.allSatisfy { line in
                    let value = line.row[0] * x + line.row[1] * y
                    return value <= line.limit + 1e-7
                }
                if isInside { corners.append((x, y)) }
            }
        }
        return corners
    }
}
