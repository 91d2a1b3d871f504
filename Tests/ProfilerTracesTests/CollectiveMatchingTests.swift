import ProfilerTraces
import TestSupport
import Testing

@Suite("Matching of collectives across ranks") struct CollectiveMatchingTests {
    /// A rank whose collectives have the given numbers or, without `isNumbered`, sizes. The collective with number or
    /// size n starts at n ms and ends 500 µs later on the rank's clock.
    private func rank(
        _ rank: Int, _ numbers: [Int], isNumbered: Bool = true, late: Int = 0, offset: Int = 0,
        operation: String = "allreduce", group: String = "[0, 1, 2]"
    ) throws -> RankTrace {
        var events = KinetoEvents(rank: rank)
        for (index, number) in numbers.enumerated() {
            let begin = 1000 * (isNumbered ? number : index) + offset
            let size =
                isNumbered
                ? #""In msg nelems":8,"Out msg nelems":8,"Seq":\#(number)"#
                : #""In msg nelems":\#(number),"Out msg nelems":\#(number)"#
            events.kernel(
                "ncclDevKernel_AllReduce_Sum_bf16_RING_LL", begin + late, 500 - late, stream: 20,
                #","Collective name":"\#(operation)","dtype":"Float","Process Group Name":"0","#
                    + #""Process Group Ranks":"\#(group)",\#(size)"#)
        }
        return try events.trace()
    }

    @Test("Collectives with sequence numbers are matched by them, whatever their position in the traces")
    func sequenceNumbers() throws {
        let run = RunAnalysis([try rank(0, [10, 11, 12, 13]), try rank(1, [11, 12, 13, 14], late: 20, offset: 7)])
        #expect(run.collectives.map(\.sequenceNumber) == [11, 12, 13])
        #expect(run.clocks.map(\.offset) == [0, 7000])
        #expect(run.waiting.map(\.waited) == [60_000, 0])
        #expect(run.waiting.map(\.matched) == [3, 3])
        #expect(run.waiting.map(\.unmatched) == [1, 1])
        #expect(
            run.notes.filter { $0.note.kind != .idleWithoutLaunch }.map(\.note.text) == [
                "2 collectives without a certain partner on the other ranks were not matched"
            ])
    }

    @Test("A collective that one rank of the group lacks is not matched on the others") func missingRank() throws {
        let run = RunAnalysis([try rank(0, [1, 2, 3]), try rank(1, [1, 2, 3]), try rank(2, [1, 3])])
        #expect(run.collectives.map(\.sequenceNumber) == [1, 3])
        #expect(run.waiting.map(\.unmatched) == [1, 1, 0])
    }

    @Test("Collectives of a group with one rank of the run are no unmatched collectives") func otherGroups() throws {
        let run = RunAnalysis([try rank(0, [1, 2], group: "[0, 2]"), try rank(1, [1, 2], group: "[1, 3]")])
        #expect(run.collectives.isEmpty && run.waiting.map(\.unmatched) == [0, 0])
    }

    @Test("A sequence number with different operations on two ranks is no match") func differentOperations() throws {
        let run = RunAnalysis([try rank(0, [1, 2]), try rank(1, [1, 2], operation: "broadcast")])
        #expect(run.collectives.isEmpty && run.waiting.map(\.unmatched) == [2, 2])
    }

    @Test("If one rank's trace has no sequence numbers, the collectives are matched by order") func mixedTraces() throws
    {
        let run = RunAnalysis([try rank(0, [1, 2]), try rank(1, [8, 8], isNumbered: false)])
        #expect(run.collectives.count == 2 && run.collectives.allSatisfy { $0.sequenceNumber == nil })
    }

    @Test("Without sequence numbers, sizes show which collectives the ranks share") func sizes() throws {
        let traces = [
            try rank(0, [1, 2, 3, 4], isNumbered: false), try rank(1, [2, 3, 4, 5], isNumbered: false, offset: -1000),
        ]
        let run = RunAnalysis(traces)
        #expect(run.collectives.count == 3 && run.collectives.allSatisfy { $0.skew == 0 })
        #expect(run.clocks.map(\.offset) == [0, -2_000_000])
        #expect(run.waiting.map(\.unmatched) == [1, 1])
    }

    @Test("If any of several equal collectives may be the missing one, none is matched") func ambiguous() throws {
        let run = RunAnalysis([
            try rank(0, [8, 8, 8, 8], isNumbered: false), try rank(1, [8, 8, 8], isNumbered: false),
        ])
        #expect(run.collectives.isEmpty && run.waiting.map(\.unmatched) == [4, 3])
        #expect(run.clocks.map(\.matches) == [0, 0])
    }

    @Test("Ranks with different sizes of an all-to-all are matched by order") func unevenOperations() throws {
        let run = RunAnalysis([
            try rank(0, [1, 2], isNumbered: false, operation: "all_to_allv"),
            try rank(1, [5, 6], isNumbered: false, operation: "all_to_allv"),
        ])
        #expect(run.collectives.count == 2 && run.waiting.map(\.unmatched) == [0, 0])
    }

    @Test("Partners are certain exactly if all longest common subsequences agree", arguments: 0..<3)
    func certainPartners(seed: Int) {
        var random = SeededGenerator(UInt64(seed))
        for _ in 0..<300 {
            let first = (0..<Int.random(in: 0...6, using: &random)).map { _ in Int64.random(in: 0...2, using: &random) }
            let second = (0..<Int.random(in: 0...6, using: &random)).map { _ in Int64.random(in: 0...2, using: &random)
            }
            let found = SequenceAlignment.certainPartners(first, second)
            let all = longestAlignments(first[...], second[...])
            for (index, partner) in found.enumerated() where partner >= 0 {
                #expect(all.allSatisfy { $0[index] == partner }, "\(first) \(second)")
            }
        }
    }

    /// All longest alignments, each with the partner of each index of `first`.
    private func longestAlignments(_ first: ArraySlice<Int64>, _ second: ArraySlice<Int64>) -> [[Int: Int]] {
        guard let element = first.first else { return [[:]] }
        var found = longestAlignments(first.dropFirst(), second)
        for index in second.indices where second[index] == element {
            found += longestAlignments(first.dropFirst(), second[(index + 1)...]).map { rest in
                rest.merging([first.startIndex: index], uniquingKeysWith: { first, _ in first })
            }
        }
        let longest = found.map(\.count).max() ?? 0
        return Array(Set(found.filter { $0.count == longest }))
    }

    @Test("Long sequences with one missing element are aligned") func longSequences() {
        let first = (Int64(0)..<100_000).map { $0 % 1000 * ($0 / 1000 + 1) }
        var second = first
        second.remove(at: 50_500)
        let partners = SequenceAlignment.certainPartners(first, second)
        #expect(partners[50_500] == -1 && partners[0] == 0 && partners[99_999] == 99_998)
        #expect(partners.filter { $0 < 0 }.count == 1)
    }
}
