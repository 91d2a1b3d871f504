import PipelineSchedules
import Testing

@Suite("Names of schedules") struct ScheduleNamesTests {
    @Test(
        "Names of PyTorch and of papers are understood, whatever their case and separators",
        arguments: [
            ("1F1B", BuiltInSchedule.oneForwardOneBackward), ("Schedule1F1B", .oneForwardOneBackward),
            ("Interleaved1F1B", .interleaved), ("interleaved_1f1b", .interleaved),
            ("InterleavedZeroBubble", .interleavedZeroBubble), ("ScheduleZBVZeroBubble", .zeroBubbleV),
            ("DualPipeV", .dualPipeV), ("LoopedBFS", .loopedBreadthFirst), ("GPipe", .gpipe),
            ("ScheduleGPipe", .gpipe), ("ZB-H1", .zeroBubble), ("v half", .vHalf),
        ])
    func namesOfPyTorchAndPapersAreUnderstood(name: String, schedule: BuiltInSchedule) {
        #expect(BuiltInSchedule(named: name) == schedule)
    }

    @Test("Contraflow's own names and titles are understood", arguments: BuiltInSchedule.allCases)
    func ownNamesAndTitlesAreUnderstood(schedule: BuiltInSchedule) {
        #expect(BuiltInSchedule(named: schedule.rawValue) == schedule)
        #expect(BuiltInSchedule(named: schedule.title) == schedule)
    }

    @Test("Other names are not understood", arguments: ["", "schedule", "dualpip", "1f1b.csv"])
    func otherNamesAreNotUnderstood(name: String) {
        #expect(BuiltInSchedule(named: name) == nil)
    }
}
