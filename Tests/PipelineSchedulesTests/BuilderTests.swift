import PipelineSchedules
import Testing

@Suite struct BuilderTests {
    @Test(arguments: try Fixtures.names(prefix: "deepseek_dualpipe_"))
    func dualPipeIsDeepSeeksOrder(name: String) throws {
        let (ranks, microbatches) = Fixtures.sizes(name)
        let built = try BuiltInSchedule.dualPipe.build(ranks: ranks, microbatches: microbatches)
        #expect(built.csv() == (try Fixtures.text(name)))
    }

    @Test(arguments: try Fixtures.names(prefix: "deepseek_dualpipev_"))
    func dualPipeVIsDeepSeeksOrder(name: String) throws {
        let (ranks, microbatches) = Fixtures.sizes(name)
        let built = try BuiltInSchedule.dualPipeV.build(ranks: ranks, microbatches: microbatches)
        #expect(built.csv() == (try Fixtures.text(name)))
    }

    @Test(arguments: [
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

    @Test(arguments: BuiltInSchedule.allCases)
    func everySmallSizeIsValidOrRefused(schedule: BuiltInSchedule) throws {
        for ranks in 1...8 {
            for microbatches in 1...24 {
                for chunks in schedule.hasChunks ? 1...4 : 2...2 {
                    let size = "\(schedule) P=\(ranks) M=\(microbatches) v=\(chunks)"
                    do throws(ScheduleSizeError) {
                        let built = try schedule.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
                        #expect(built.microbatchCount == microbatches)
                        #expect(throws: Never.self, "\(size)") { try built.validate() }
                    } catch {
                        let needsTwo = schedule == .dualPipe || schedule == .chimera
                        let isDocumented =
                            needsTwo && microbatches == 1 || schedule == .hanayo && !chunks.isMultiple(of: 2)
                        #expect(isDocumented, "\(size): \(error)")
                    }
                }
            }
        }
    }

    @Test(arguments: [2, 4, 8, 16, 32])
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

    @Test func impossibleSizesAreRefusedInOneLine() throws {
        #expect(throws: ScheduleSizeError.self) { try BuiltInSchedule.gpipe.build(ranks: 0, microbatches: 4) }
        #expect(throws: ScheduleSizeError.self) { try BuiltInSchedule.gpipe.build(ranks: 4, microbatches: 0) }
        #expect(throws: ScheduleSizeError.self) { try BuiltInSchedule.gpipe.build(ranks: 4, microbatches: -1) }
        #expect(throws: ScheduleSizeError.self) {
            try BuiltInSchedule.interleaved.build(ranks: 4, microbatches: 4, chunks: 0)
        }
        #expect(throws: ScheduleSizeError.self) {
            try BuiltInSchedule.hanayo.build(ranks: 4, microbatches: 4, chunks: 3)
        }
        do {
            _ = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 1)
        } catch {
            #expect(error.description == "DualPipe cannot run with 1 micro-batches: give at least 2")
        }
    }
}
