import PipelineSchedules
import Testing

@Suite("Schedule builders") struct BuilderTests {
    @Test("DualPipe has exactly DeepSeek's order", arguments: try Fixtures.names(prefix: "deepseek_dualpipe_"))
    func dualPipeIsDeepSeeksOrder(name: String) throws {
        let (ranks, microbatches) = Fixtures.sizes(name)
        let built = try BuiltInSchedule.dualPipe.build(ranks: ranks, microbatches: microbatches)
        #expect(built.csv() == (try Fixtures.text(name)))
    }

    @Test("DualPipeV has exactly DeepSeek's order", arguments: try Fixtures.names(prefix: "deepseek_dualpipev_"))
    func dualPipeVIsDeepSeeksOrder(name: String) throws {
        let (ranks, microbatches) = Fixtures.sizes(name)
        let built = try BuiltInSchedule.dualPipeV.build(ranks: ranks, microbatches: microbatches)
        #expect(built.csv() == (try Fixtures.text(name)))
    }

    @Test(
        "The order of compute is PyTorch's",
        arguments: [
            ("torch_GPipe_r2_m8.csv", BuiltInSchedule.gpipe, 2), ("torch_1F1B_r2_m8.csv", .oneForwardOneBackward, 2),
            ("torch_1F1B_r4_m8.csv", .oneForwardOneBackward, 4), ("torch_Interleaved1F1B_r2_m8.csv", .interleaved, 2),
            ("torch_Interleaved1F1B_r4_m8.csv", .interleaved, 4), ("torch_DualPipeV_r2_m8.csv", .dualPipeV, 2),
            ("torch_DualPipeV_r4_m8.csv", .dualPipeV, 4), ("torch_LoopedBFS_r2_m8.csv", .loopedBreadthFirst, 2),
            ("torch_ZBVZeroBubble_r2_m8.csv", .zeroBubbleV, 2), ("torch_ZBVZeroBubble_r4_m8.csv", .zeroBubbleV, 4),
            ("torch_InterleavedZeroBubble_r2_m8.csv", .interleavedZeroBubble, 2),
            ("torch_InterleavedZeroBubble_r4_m8.csv", .interleavedZeroBubble, 4),
        ])
    func orderOfComputeIsPyTorchs(name: String, schedule: BuiltInSchedule, ranks: Int) throws {
        let built = try schedule.build(ranks: ranks, microbatches: 8)
        let recorded = try Fixtures.schedule(name)
        #expect(built.rows == recorded.rows.map { $0.filter { $0 != .idle } })
    }

    @Test(
        "Every schedule of a small size is valid, and the sizes that are not defined are refused",
        arguments: BuiltInSchedule.allCases)
    func everySmallSizeIsValidOrRefused(schedule: BuiltInSchedule) throws {
        for ranks in 1...8 {
            for microbatches in 1...24 {
                for chunks in schedule.hasChunks ? 1...4 : 2...2 {
                    let size = "\(schedule) P=\(ranks) M=\(microbatches) v=\(chunks)"
                    let needsTwo = schedule == .dualPipe || schedule == .chimera
                    if needsTwo && microbatches == 1 || schedule == .hanayo && !chunks.isMultiple(of: 2) {
                        #expect(throws: ScheduleSizeError.self, "\(size)") {
                            try schedule.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
                        }
                    } else {
                        let built = try schedule.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
                        #expect(built.microbatchCount == microbatches)
                        #expect(throws: Never.self, "\(size)") { try built.validate() }
                    }
                }
            }
        }
    }

    @Test("Peak activations are those that the papers publish", arguments: [2, 4, 8, 16, 32])
    func peakActivationsAreThePublishedOnes(ranks: Int) throws {
        for microbatches in [2 * ranks, 3 * ranks, 8 * ranks] {
            func peaks(_ schedule: BuiltInSchedule, ranks: Int) throws -> [Int] {
                try schedule.build(ranks: ranks, microbatches: microbatches).validate().peakActivations
            }
            #expect(try peaks(.gpipe, ranks: ranks) == Array(repeating: microbatches, count: ranks))
            #expect(try peaks(.oneForwardOneBackward, ranks: ranks) == (1...ranks).reversed())
            #expect(try peaks(.zeroBubbleH2, ranks: ranks) == Array(repeating: 2 * ranks - 1, count: ranks))
            #expect(try peaks(.zeroBubbleV, ranks: ranks) == Array(repeating: 2 * ranks, count: ranks))
            #expect(try peaks(.vHalf, ranks: ranks).max() == 2 * ((ranks + 2) / 2))
            #expect(try peaks(.vMin, ranks: ranks).max() == 2 * ((ranks + 4) / 3))
            #expect(try peaks(.zeroBubble, ranks: ranks) == Array(repeating: ranks, count: ranks))
            #expect(try peaks(.dualPipe, ranks: ranks).max() == ranks + 1)
            #expect(try peaks(.dualPipeV, ranks: ranks / 2).max() == ranks + 1)
        }
    }

    @Test("A size that is not defined is refused in one line, with the sizes that are")
    func undefinedSizesAreRefused() {
        func message(_ schedule: BuiltInSchedule, ranks: Int = 4, microbatches: Int = 4, chunks: Int = 2) -> String? {
            #expect(throws: ScheduleSizeError.self) {
                try schedule.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
            }?.description
        }
        #expect(message(.gpipe, ranks: 0) == "GPipe cannot run with 0 ranks: give at least 1")
        #expect(message(.gpipe, ranks: 1 << 24) == "GPipe cannot run with 16777216 ranks: give at most 8388607")
        #expect(message(.gpipe, microbatches: 0) == "GPipe cannot run with 0 micro-batches: give at least 1")
        #expect(message(.gpipe, microbatches: -1) == "GPipe cannot run with -1 micro-batches: give at least 1")
        #expect(message(.interleaved, chunks: 0) == "Interleaved 1F1B cannot run with 0 chunks: give at least 1")
        #expect(
            message(.hanayo, chunks: 3)
                == "Hanayo cannot run with 3 chunks: give an even number, two chunks per wave")
        #expect(
            message(.hanayo, chunks: 1) == "Hanayo cannot run with 1 chunk: give an even number, two chunks per wave")
        #expect(message(.dualPipe, microbatches: 1) == "DualPipe cannot run with 1 micro-batch: give at least 2")
    }
}
