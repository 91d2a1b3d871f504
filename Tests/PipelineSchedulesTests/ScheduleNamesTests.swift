import PipelineSchedules
import Testing

@Suite struct ScheduleNamesTests {
    @Test(arguments: [
        ("1F1B", BuiltInSchedule.oneForwardOneBackward), ("Schedule1F1B", .oneForwardOneBackward),
        ("Interleaved1F1B", .interleaved), ("interleaved_1f1b", .interleaved),
        ("InterleavedZeroBubble", .interleavedZeroBubble), ("ScheduleZBVZeroBubble", .zeroBubbleV),
        ("DualPipeV", .dualPipeV), ("LoopedBFS", .loopedBreadthFirst), ("GPipe", .gpipe), ("ScheduleGPipe", .gpipe),
        ("ZB-H1", .zeroBubble), ("v half", .vHalf),
    ])
    func namesAreUnderstoodAsPyTorchSpellsThem(name: String, schedule: BuiltInSchedule) {
        #expect(BuiltInSchedule(named: name) == schedule)
    }

    @Test(arguments: BuiltInSchedule.allCases) func ownNamesAndTitlesAreUnderstood(schedule: BuiltInSchedule) {
        #expect(BuiltInSchedule(named: schedule.rawValue) == schedule)
        #expect(BuiltInSchedule(named: schedule.title) == schedule)
    }

    @Test(arguments: ["", "schedule", "dualpip", "1f1b.csv"]) func otherNamesAreNot(name: String) {
        #expect(BuiltInSchedule(named: name) == nil)
    }
}
