import Testing
import TrainingRuns

@Suite("The line of progress") struct ProgressLineTests {
    private static let metrics = StepMetrics(
        step: 45, loss: 2.1004, mtpLoss: 0, balanceLoss: 0, gradientNorm: 1, lr: 0.1, tokens: 2048, seconds: 0.5,
        bubble: 0.161, hiddenCommunication: 0.234, exposed: ["counts": 0.1, "dispatch": 0.05], expertBalance: 0.871,
        validationLoss: 2.131)
    private static let text =
        "step 45/180  1 min 12 s left  loss 2.100  validation 2.131  4096 tokens/s  bubble 16 %  "
        + "hidden communication 23 %  exposed 15 %, mostly counts  expert balance 0.87"

    private static func line(_ metrics: StepMetrics = metrics, hasBar: Bool = false) -> ProgressLine {
        ProgressLine(metrics, steps: 180, left: 72, hasBar: hasBar)
    }

    @Test("A terminal's line begins with the time left, and validation is only in the line of its step")
    func parts() {
        #expect(Self.line().text() == Self.text)
        var later = Self.metrics
        later.validationLoss = nil
        #expect(Self.line(later).text() == Self.text.replacing("  validation 2.131", with: ""))
        #expect(Self.line(hasBar: true).text().hasPrefix("1 min 12 s left  ████░░░░░░░░░░░░  45/180  loss"))
    }

    @Test("What is not known is a hyphen") func unknown() {
        var metrics = Self.metrics
        (metrics.bubble, metrics.expertBalance, metrics.hiddenCommunication, metrics.exposed) = (nil, nil, nil, nil)
        #expect(Self.line(metrics).text().hasSuffix("  4096 tokens/s  bubble -  expert balance -"))
    }

    @Test("A line fits every width, and keeps the time left") func widths() {
        let all = Self.line(hasBar: true)
        var before = 0
        for width in 0...250 {
            let text = all.text(width: width)
            #expect(text.hasPrefix("1 min 12 s left"))
            #expect(text.count <= max(width, 15) && text.count >= before)
            before = text.count
        }
        #expect(all.text(width: 40) == "1 min 12 s left  45/180  loss 2.100")
        #expect(
            all.text(width: 81) == "1 min 12 s left  45/180  loss 2.100  validation 2.131  4096 tokens/s  bubble 16 %")
        #expect(before == Self.text.count + 13)
    }

    @Test(
        "Durations are words",
        arguments: [
            (0, "0 s"), (-1, "0 s"), (0.04, "0 s"), (0.05, "0.1 s"), (1.44, "1.4 s"), (9.94, "9.9 s"), (9.96, "10 s"),
            (59.4, "59 s"),
            (59.6, "1 min 0 s"), (185, "3 min 5 s"), (3599.6, "1 h 0 min"), (7621, "2 h 7 min"), (.infinity, nil),
        ] as [(Double, String?)])
    func durations(seconds: Double, text: String?) {
        if let text { #expect(seconds.duration == text) } else { #expect(seconds.duration.hasSuffix(" min")) }
    }
}
