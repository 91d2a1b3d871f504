import Foundation
import SchedulePlanning
import Testing

@Suite("Overlap plans and problems") struct OverlapPlanTests {
    @Test("The text of a plan has one letter per segment, with counts for repeats")
    func textHasOneLetterPerSegment() throws {
        #expect(
            OverlapPlan([.forward, .forward, .backward, .weights, .weights, .weights, .forward]).description == "F2BW3F"
        )
        #expect(OverlapPlan([]).description == "")
        #expect(try OverlapPlan("F2BW3F").order.count == 7)
        #expect(try OverlapPlan("FFB1").description == "F2B")
    }

    @Test("Random plans are read back from their text and their JSON")
    func textAndJSONRoundTrip() throws {
        for seed in 0..<200 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 9, weights: 5)
            let plan = SampleOverlapProblems.anyPlan(of: problem, seed: seed)
            #expect(try OverlapPlan(plan.description) == plan)
            let coded = try JSONEncoder().encode([plan])
            #expect(String(bytes: coded, encoding: .utf8) == "[\"\(plan)\"]")
            #expect(try JSONDecoder().decode([OverlapPlan].self, from: coded) == [plan])
        }
    }

    @Test(
        "Malformed text is refused with the reason",
        arguments: [
            ("F2X", "'F2X' is not an overlap plan: 'X' is not F, B or W"),
            ("f", "'f' is not an overlap plan: 'f' is not F, B or W"),
            ("2F", "'2F' is not an overlap plan: '2' is not F, B or W"),
            ("B0", "'B0' is not an overlap plan: the count 0 is 0 or exceeds 1048576 segments in total"),
            (
                "FB1048576",
                "'FB1048576' is not an overlap plan: the count 1048576 is 0 or exceeds 1048576 segments in total"
            ),
            ("F1048576B", "the count 1 is 0 or exceeds 1048576 segments in total"),
            ("W99999999999999999999", "the count 99999999999999999999 is 0 or exceeds"),
            ("F-1", "'-' is not F, B or W"),
            ("F٣", "'٣' is not F, B or W"),
        ])
    func malformedTextIsRefused(text: String, message: String) throws {
        let error = try #require(throws: OverlapPlanParsingError.self) { try OverlapPlan(text) }
        #expect(error.description.contains(message))
        #expect(error.description.contains("such as F2BW3"))
        #expect(throws: OverlapPlanParsingError.self) {
            try JSONDecoder().decode([OverlapPlan].self, from: Data("[\"\(text)\"]".utf8))
        }
    }

    @Test("The sequential and the alternating plan have their orders")
    func sequentialAndAlternatingPlans() throws {
        let problem = try OverlapProblem(
            forward: SegmentSequence([.compute(cost: 1), .compute(cost: 1), .compute(cost: 1)]),
            backward: SegmentSequence([.compute(cost: 1)]), weights: [WeightSegment(cost: 1, after: 0)])
        #expect(OverlapPlan.sequential(problem).description == "F3BW")
        #expect(OverlapPlan.alternating(problem).description == "FBF2W")
        let empty = try OverlapProblem()
        #expect(OverlapPlan.sequential(empty) == OverlapPlan.alternating(empty))
    }

    @Test(
        "A plan that does not fit its problem is refused with the position",
        arguments: [
            ("F2B", "position 3 of the overlap plan: W runs 0 of 2 segments"),
            ("FBW2", "position 4 of the overlap plan: F runs 1 of 2 segments"),
            ("F3", "position 2 of the overlap plan: F has no segment 2"),
            ("WFBW", "position 4 of the overlap plan: F runs 1 of 2 segments"),
            (
                "W2BF2",
                "position 1 of the overlap plan: weight segment 1 comes before backward segment 0, which it needs"
            ),
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

    @Test("Impossible problems are refused with the location and the reason")
    func impossibleProblemsAreRefused() throws {
        func refusal(
            _ forward: [PassSegment] = [], results: [Int] = [], weights: [WeightSegment] = []
        ) throws -> String {
            let sequence = SegmentSequence(forward, resultReads: results)
            return try #require(throws: OverlapProblemError.self) {
                try OverlapProblem(forward: sequence, weights: weights)
            }.description
        }
        let none = "which is not an earlier exchange"
        #expect(try refusal([.compute(cost: 1, reads: [0])]) == "forward segment 0 reads segment 0, \(none)")
        #expect(
            try refusal([.compute(cost: 1), .compute(cost: 1, reads: [0])])
                == "forward segment 1 reads segment 0, \(none)")
        #expect(try refusal([.exchange(cost: 1, reads: [-1])]) == "forward segment 0 reads segment -1, \(none)")
        #expect(try refusal([.compute(cost: 1)], results: [0]) == "the forward's result reads segment 0, \(none)")
        #expect(try refusal([.compute(cost: -1)]) == "forward segment 0 takes -1 ns: give 0 or more")
        #expect(try refusal([.exchange(cost: 1, startCost: -2)]) == "forward segment 0 takes -2 ns: give 0 or more")
        let most = Int64.max / 128
        #expect(
            try refusal([.compute(cost: .max)])
                == "forward segment 0 takes 9223372036854775807 ns, but the limit for all segments leaves \(Int64.max / 64) ns"
        )
        #expect(
            try refusal([.compute(cost: most), .compute(cost: 1)])
                == "forward segment 1 takes 1 ns, but the limit for all segments leaves 0 ns")
        #expect(
            try refusal(weights: [WeightSegment(cost: 1, after: 0)])
                == "weight segment 0 runs after backward segment 0, which does not exist")
    }
}
