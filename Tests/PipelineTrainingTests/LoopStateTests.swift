import PipelineTraining
import Testing
import TrainingRuns

@Suite("State of the training loop") struct LoopStateTests {
    private func metrics(_ step: Int, loss: Double, norm: Double = 1) -> StepMetrics {
        StepMetrics(
            step: step, loss: loss, mtpLoss: 0, balanceLoss: 0, gradientNorm: norm, lr: 1, tokens: 1, seconds: 1)
    }

    private func state() -> LoopState { LoopState() }

    @Test("The batches of the steps are all numbers but those left out, in order") func batches() {
        for bits in 0..<1 << 6 {
            var state = state()
            state.skippedBatches = (1...6).filter { bits >> ($0 - 1) & 1 == 1 }
            let expected = (1...20).filter { !state.skippedBatches.contains($0) }
            #expect((1...10).map { state.batch(ofStep: $0) } == Array(expected.prefix(10)))
        }
    }

    @Test("A loss or norm far above its recent range makes a step an outlier until it returns") func outliers() {
        var state = state()
        func isOutlier() -> Bool { state.manifest(step: 1, nil).isOutlier }
        for step in 1...60 {
            state.add([
                metrics(step, loss: 5 - 0.02 * Double(step) + 0.05 * Double(step % 3), norm: 1 + Double(step % 5))
            ])
            #expect(!isOutlier(), "step \(step)")
        }
        for step in 61...400 {
            state.add([metrics(step, loss: 9)])
            #expect(isOutlier(), "step \(step)")
        }
        state.add([metrics(401, loss: 3.9)])
        #expect(!isOutlier())
        state.add([metrics(402, loss: 3.9, norm: 1000)])
        #expect(isOutlier())
    }

    @Test("A failure counts until training comes further than before") func failures() {
        var state = state()
        state.fail(in: 7)
        for step in 4...7 { state.succeed(in: step) }
        #expect(state.failures == 1)
        state.succeed(in: 8)
        #expect(state.failures == 0)
    }
}
