import Foundation
import SchedulePlanning
import Testing

@Suite struct WeaveTests {
    @Test func textIsALetterATurnWithCounts() throws {
        #expect(Weave([.forward, .forward, .backward, .weights, .weights, .weights, .forward]).description == "F2BW3F")
        #expect(Weave([]).description == "")
        #expect(try Weave("F2BW3F").turns.count == 7)
        #expect(try Weave("FFB1").description == "F2B")
    }

    @Test func textAndCodedFormComeBack() throws {
        for seed in 0..<200 {
            let problem = try SampleWeaves.anything(seed: seed, parts: 9, weights: 5)
            let weave = SampleWeaves.anyWeave(of: problem, seed: seed)
            #expect(try Weave(weave.description) == weave)
            let coded = try JSONEncoder().encode([weave])
            #expect(String(bytes: coded, encoding: .utf8) == "[\"\(weave)\"]")
            #expect(try JSONDecoder().decode([Weave].self, from: coded) == [weave])
        }
    }

    @Test(arguments: [
        ("F2X", "'F2X' is no weave: 'X' is none of F, B and W"),
        ("f", "'f' is no weave: 'f' is none of F, B and W"),
        ("2F", "'2F' is no weave: '2' is none of F, B and W"),
        ("B0", "'B0' is no weave: 0 turns are not between 1 and 1048576 in all"),
        ("FB1048576", "'FB1048576' is no weave: 1048576 turns are not between 1 and 1048576 in all"),
        ("W99999999999999999999", "99999999999999999999 turns are not"),
        ("F-1", "'-' is none of F, B and W"),
        ("F٣", "'٣' is none of F, B and W"),
    ])
    func textThatIsNoneSaysWhatIsWrong(text: String, message: String) throws {
        let error = try #require(throws: WeaveTextError.self) { try Weave(text) }
        #expect(error.description.contains(message))
        #expect(error.description.contains("such as F2BW3"))
        #expect(throws: WeaveTextError.self) {
            try JSONDecoder().decode([Weave].self, from: Data("[\"\(text)\"]".utf8))
        }
    }

    @Test func plainOrders() throws {
        let problem = try WeaveProblem(
            forward: WeaveSequence([.compute(cost: 1), .compute(cost: 1), .compute(cost: 1)]),
            backward: WeaveSequence([.compute(cost: 1)]), weights: [WeightPart(cost: 1, after: 0)])
        #expect(Weave.sequential(problem).description == "F3BW")
        #expect(Weave.alternating(problem).description == "FBF2W")
        let empty = try WeaveProblem()
        #expect(Weave.sequential(empty) == Weave.alternating(empty))
    }

    @Test(arguments: [
        ("F2B", "turn 3 of the weave: W has run 0 of 2 parts"),
        ("FBW2", "turn 4 of the weave: F has run 1 of 2 parts"),
        ("F3", "turn 2 of the weave: F has no part left of 2"),
        ("WFBW", "turn 4 of the weave: F has run 1 of 2 parts"),
        ("W2BF2", "turn 1 of the weave: weight part 1 comes before backward part 0, which it needs"),
    ])
    func weaveThatDoesNotSuitSaysWhere(text: String, message: String) throws {
        let problem = try WeaveProblem(
            forward: WeaveSequence([.compute(cost: 1), .compute(cost: 1)]),
            backward: WeaveSequence([.compute(cost: 1)]),
            weights: [WeightPart(cost: 1, after: nil), WeightPart(cost: 1, after: 0)])
        let weave = try Weave(text)
        let error = try #require(throws: WeaveFault.self) { try WeaveSimulation(weave, of: problem) }
        #expect(error.description == message)
    }

    @Test func partsThatMakeNoStepAreRefused() throws {
        func refusal(
            _ forward: [WeavePart] = [], results: [Int] = [], weights: [WeightPart] = []
        ) throws -> String {
            let sequence = WeaveSequence(forward, resultReads: results)
            return try #require(throws: WeaveProblemError.self) {
                try WeaveProblem(forward: sequence, weights: weights)
            }.description
        }
        let none = "which is no earlier exchange"
        #expect(try refusal([.compute(cost: 1, reads: [0])]) == "forward part 0 reads part 0, \(none)")
        #expect(
            try refusal([.compute(cost: 1), .compute(cost: 1, reads: [0])]) == "forward part 1 reads part 0, \(none)")
        #expect(try refusal([.exchange(cost: 1, reads: [-1])]) == "forward part 0 reads part -1, \(none)")
        #expect(try refusal([.compute(cost: 1)], results: [0]) == "the forward's result reads part 0, \(none)")
        #expect(try refusal([.compute(cost: -1)]) == "forward part 0 takes -1 ns: give 0 or more")
        #expect(try refusal([.exchange(cost: 1, startCost: -2)]) == "forward part 0 takes -2 ns: give 0 or more")
        let most = Int64.max / 128
        let refused = "ns are left of what all may take"
        #expect(
            try refusal([.compute(cost: .max)])
                == "forward part 0 takes 9223372036854775807 ns, where \(Int64.max / 64) \(refused)")
        #expect(
            try refusal([.compute(cost: most), .compute(cost: 1)])
                == "forward part 1 takes 1 ns, where 0 \(refused)")
        #expect(
            try refusal(weights: [WeightPart(cost: 1, after: 0)])
                == "weight part 0 runs after part 0 of a backward of 0")
    }
}
