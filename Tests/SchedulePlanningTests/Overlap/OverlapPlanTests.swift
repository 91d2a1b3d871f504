import Foundation
import SchedulePlanning
import Testing

@Suite struct OverlapPlanTests {
    @Test func textHasOneLetterPerSegment() throws {
        #expect(
            OverlapPlan([.forward, .forward, .backward, .weights, .weights, .weights, .forward]).description == "F2BW3F"
        )
        #expect(OverlapPlan([]).description == "")
        #expect(try OverlapPlan("F2BW3F").order.count == 7)
        #expect(try OverlapPlan("FFB1").description == "F2B")
    }

    @Test func textAndJSONRoundTrip() throws {
        for seed in 0..<200 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 9, weights: 5)
            let plan = SampleOverlapProblems.anyPlan(of: problem, seed: seed)
            #expect(try OverlapPlan(plan.description) == plan)
            let coded = try JSONEncoder().encode([plan])
            #expect(String(bytes: coded, encoding: .utf8) == "[\"\(plan)\"]")
            #expect(try JSONDecoder().decode([OverlapPlan].self, from: coded) == [plan])
        }
    }

    @Test(arguments: [
        ("F2X", "'F2X' is no overlap plan: 'X' is none of F, B and W"),
        ("f", "'f' is no overlap plan: 'f' is none of F, B and W"),
        ("2F", "'2F' is no overlap plan: '2' is none of F, B and W"),
        ("B0", "'B0' is no overlap plan: 0 segments are not between 1 and 1048576 in all"),
        ("FB1048576", "'FB1048576' is no overlap plan: 1048576 segments are not between 1 and 1048576 in all"),
        ("W99999999999999999999", "99999999999999999999 segments are not"),
        ("F-1", "'-' is none of F, B and W"),
        ("F٣", "'٣' is none of F, B and W"),
    ])
    func malformedTextIsRefused(text: String, message: String) throws {
        let error = try #require(throws: OverlapPlanParsingError.self) { try OverlapPlan(text) }
        #expect(error.description.contains(message))
        #expect(error.description.contains("such as F2BW3"))
        #expect(throws: OverlapPlanParsingError.self) {
            try JSONDecoder().decode([OverlapPlan].self, from: Data("[\"\(text)\"]".utf8))
        }
    }

    @Test func plainOrders() throws {
        let problem = try OverlapProblem(
            forward: SegmentSequence([.compute(cost: 1), .compute(cost: 1), .compute(cost: 1)]),
            backward: SegmentSequence([.compute(cost: 1)]), weights: [WeightSegment(cost: 1, after: 0)])
        #expect(OverlapPlan.sequential(problem).description == "F3BW")
        #expect(OverlapPlan.alternating(problem).description == "FBF2W")
        let empty = try OverlapProblem()
        #expect(OverlapPlan.sequential(empty) == OverlapPlan.alternating(empty))
    }

    @Test(arguments: [
        ("F2B", "position 3 of the overlap plan: W has run 0 of 2 segments"),
        ("FBW2", "position 4 of the overlap plan: F has run 1 of 2 segments"),
        ("F3", "position 2 of the overlap plan: F has no segment left of 2"),
        ("WFBW", "position 4 of the overlap plan: F has run 1 of 2 segments"),
        ("W2BF2", "position 1 of the overlap plan: weight segment 1 comes before backward segment 0, which it needs"),
    ])
    func planThatDoesNotFitIsRefusedWithItsLocation(text: String, message: String) throws {
        let problem = try OverlapProblem(
            forward: SegmentSequence([.compute(cost: 1), .compute(cost: 1)]),
            backward: SegmentSequence([.compute(cost: 1)]),
            weights: [WeightSegment(cost: 1, after: nil), WeightSegment(cost: 1, after: 0)])
        let plan = try OverlapPlan(text)
        let error = try #require(throws: OverlapPlanError.self) { try OverlapSimulation(plan, of: problem) }
        #expect(error.description == message)
    }

    @Test func impossibleProblemsAreRefused() throws {
        func refusal(
            _ forward: [PassSegment] = [], results: [Int] = [], weights: [WeightSegment] = []
        ) throws -> String {
            let sequence = SegmentSequence(forward, resultReads: results)
            return try #require(throws: OverlapProblemError.self) {
                try OverlapProblem(forward: sequence, weights: weights)
            }.description
        }
        let none = "which is no earlier exchange"
        #expect(try refusal([.compute(cost: 1, reads: [0])]) == "forward segment 0 reads segment 0, \(none)")
        #expect(
            try refusal([.compute(cost: 1), .compute(cost: 1, reads: [0])])
                == "forward segment 1 reads segment 0, \(none)")
        #expect(try refusal([.exchange(cost: 1, reads: [-1])]) == "forward segment 0 reads segment -1, \(none)")
        #expect(try refusal([.compute(cost: 1)], results: [0]) == "the forward's result reads segment 0, \(none)")
        #expect(try refusal([.compute(cost: -1)]) == "forward segment 0 takes -1 ns: give 0 or more")
        #expect(try refusal([.exchange(cost: 1, startCost: -2)]) == "forward segment 0 takes -2 ns: give 0 or more")
        let most = Int64.max / 128
        let refused = "ns are left of what all may take"
        #expect(
            try refusal([.compute(cost: .max)])
                == "forward segment 0 takes 9223372036854775807 ns, where \(Int64.max / 64) \(refused)")
        #expect(
            try refusal([.compute(cost: most), .compute(cost: 1)])
                == "forward segment 1 takes 1 ns, where 0 \(refused)")
        #expect(
            try refusal(weights: [WeightSegment(cost: 1, after: 0)])
                == "weight segment 0 runs after segment 0 of a backward of 0")
    }
}
