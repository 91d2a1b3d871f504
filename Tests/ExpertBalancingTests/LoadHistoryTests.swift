import ExpertBalancing
import Foundation
import TestSupport
import Testing

@Suite struct LoadHistoryTests {
    /// Applies a change to the contents of a file.
    private func apply(_ change: LoadHistoryWriter.Change, to file: inout [UInt8]) {
        file.replaceSubrange(change.offset..., with: change.bytes)
    }

    private func message(_ text: String) -> String {
        do { _ = try LoadFile(contents: Array(text.utf8)) } catch { return "\(error)" }
        return ""
    }

    @Test("The file is complete after every step, with the sums of the steps and the micro-batches of some")
    func historiesAreReadBack() throws {
        var writer = LoadHistoryWriter(layerCount: 2, expertCount: 3)
        var file: [UInt8] = []
        apply(try writer.append(step: 5, loads: [1, 2, 3, 4, 5, 6]), to: &file)
        #expect(
            String(decoding: file, as: UTF8.self) == """
                {"version":1,"logical_count":[
                [[1,2,3],[4,5,6]]
                ],"steps":[[5,5]],"micro_batches":[]}

                """)
        let micro = [[[1, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]], [[0, 3, 0, 0, 3, 0], [0, 4, 0, 0, 4, 0]]]
        apply(try writer.append(step: 6, microBatches: micro), to: &file)
        apply(try writer.append(step: 7, loads: [0, 0, 9, 9, 0, 0]), to: &file)
        // The run goes back to step 6.
        apply(try writer.append(step: 6, loads: [1, 1, 1, 1, 1, 1]), to: &file)
        let read = try LoadFile(contents: file)
        let history = try #require(read.history)
        #expect(history.steps.map(\.number) == [5, 6, 7, 6])
        #expect(read.stream.windows.map(\.values) == history.steps.map(\.loads.values))
        #expect(history.steps[1].loads.values == [3, 7, 0, 0, 7, 3])
        #expect(history.steps[1].microBatches.map(\.values) == [[3, 0, 0, 0, 0, 3], [0, 7, 0, 0, 7, 0]])
        let expected: [[[Double]]] = micro.map { ranks in ranks.map { $0.map(Double.init) } }
        #expect(history.steps[1].sourceRanks.map { ranks in ranks.map(\.values) } == expected)
        #expect(history.steps[0].sourceRanks.isEmpty && history.steps[0].microBatches.count == 1)
        #expect(read.notes.isEmpty && !read.isCountList)
        // SGLang takes the value of logical_count, with three dimensions, and adds up the first.
        let object = try #require(try JSONSerialization.jsonObject(with: Data(file)) as? [String: Any])
        let counts = try #require(object["logical_count"] as? [[[Int]]])
        #expect(counts.count == 7 && counts.allSatisfy { $0.map(\.count) == [3, 3] })
        #expect(counts.reduce(0) { $0 + $1[0][0] } == 5)
    }

    @Test("Every stream is a history of steps without micro-batches") func streamsAreHistories() throws {
        let stream = try LoadStream(contents: Array("[[[1, 2]], [[3, 4]]]".utf8))
        let history = LoadHistory(stream)
        #expect(history.steps.map(\.number) == [1, 2] && history.layerCount == 1 && history.expertCount == 2)
        #expect(try LoadFile(contents: Array("[[[1, 2]], [[3, 4]]]".utf8)).history == nil)
    }

    @Test("Steps that do not fit the windows are refused") func wrongLayoutsAreRefused() {
        let loads = #""logical_count": [[[1, 2]], [[3, 4]], [[5, 6]]]"#
        #expect(message("{\(loads), \"steps\": [[1, 3]]}").isEmpty)
        #expect(message("{\(loads), \"steps\": [[1, 2]], \"micro_batches\": [[1, 2, 1]]}").isEmpty)
        #expect(message("{\(loads), \"steps\": [[4, 4], [2, 2]], \"micro_batches\": [[1, 1, 2]]}").isEmpty)
        for layout in [
            #""steps": [[1, 2]]"#, #""steps": [[1, 4]]"#, #""micro_batches": [[0, 3, 1]]"#,
            #""steps": [[1, 2]], "micro_batches": [[1, 2, 2]]"#, #""steps": [[1, 3]], "micro_batches": [[3, 2, 1]]"#,
            #""steps": [[1, 1]], "micro_batches": [[0, 1048576, 1048576]]"#,
        ] {
            #expect(message("{\(loads), \(layout)}").contains("do not divide the 3 windows"), "\(layout)")
        }
        for (layout, part) in [
            (#""steps": [[3, 1]]"#, "'steps' has [3, 1]"), (#""steps": [[0, 9007199254740992]]"#, "'steps' has"),
            (#""steps": [[-1, 1]]"#, "'steps' has [-1, 1]"), (#""steps": [[1]]"#, "a row has 1 number"),
            (#""steps": [1]"#, "expected '['"), (#""micro_batches": [[0, 0, 1]]"#, "'micro_batches' has [0, 0, 1]"),
        ] {
            #expect(message("{\(loads), \(layout)}").contains(part), "\(layout): \(message("{\(loads), \(layout)}"))")
        }
    }

    @Test("A writer refuses loads of another shape") func wrongLoadsAreRefused() {
        var writer = LoadHistoryWriter(layerCount: 2, expertCount: 3)
        #expect(throws: ExpertLoadsError.self) { try writer.append(step: 1, loads: [1, 2]) }
        #expect(throws: ExpertLoadsError.self) { try writer.append(step: 1, microBatches: []) }
    }
}
