import Foundation
import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Nsight Systems exports") struct NsightTests {
    @Test("Each process is a rank") func eachProcessIsARank() throws {
        let traces = try RankTrace.ranks(path: try fixture("nsight.sqlite"))
        #expect(traces.map(\.rank) == [0, 1])
        let analyses = traces.map { RankAnalysis($0) }
        #expect(analyses.map(\.breakdown.communication) == [4000, 5000])
        #expect(analyses.map(\.breakdown.overlap) == [2000, 2000])
        #expect(analyses.map(\.breakdown.compute) == [4000, 4000])
        #expect(analyses.map(\.breakdown.memory) == [500, 500])
        #expect(analyses.map { $0.annotations.map(\.name) } == [["forward"], ["backward"]])
        #expect(traces.allSatisfy { $0.launches.count == 2 && $0.timeline.lanes.count == 2 })
        #expect(RunAnalysis(traces).collectives.count == 1)
    }

    @Test("Truncated and damaged databases are an error or a trace, never a crash") func damagedDatabases() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: try fixture("nsight.sqlite"))))
        _ = try withTemporaryFile(Array(bytes[..<600])) { path in
            #expect(throws: TraceReadError.self) { try RankTrace.ranks(path: path) }
        }
        var generator = SeededGenerator(3)
        var refused = 0
        for _ in 0..<100 {
            let index = Int.random(in: 100..<bytes.count, using: &generator)
            bytes[index] = UInt8.random(in: 0...255, using: &generator)
            try withTemporaryFile(bytes) { path in
                do {
                    let traces = try RankTrace.ranks(path: path)
                    #expect(traces.allSatisfy { $0.timeline.spans.count == $0.launchOfSpan.count })
                } catch let error as TraceReadError {
                    refused += 1
                    #expect(!error.description.contains("\n") && error.path == path)
                }
            }
        }
        #expect(refused > 0)
    }
}
