import ExpertBalancing
import TestSupport
import Testing

@Suite struct ForecastTests {
    private func history(_ values: [Double]) throws -> [ExpertLoads] {
        try values.map { try ExpertLoads([$0, 100], expertCount: 2) }
    }

    @Test("Each forecast predicts the expected loads of a known series")
    func forecastsOfAKnownSeries() throws {
        let line = try history([10, 20, 30, 40])[...]
        #expect(Forecast.last.next(after: line) == [40, 100])
        #expect(Forecast.mean(windows: 2).next(after: line) == [35, 100])
        let trend = Forecast.trend(windows: 4).next(after: line)
        #expect(abs(trend[0] - 50) < 1e-9 && abs(trend[1] - 100) < 1e-9)
        let exponential = Forecast.exponential(decay: 0.5).next(after: line)
        let scaled: Double = (40 * 1 + 30 * 0.5 + 20 * 0.25 + 10 * 0.125) / 1.875
        #expect(abs(exponential[0] - scaled) < 1e-9)
        // A falling line is cut off at 0.
        #expect(Forecast.trend(windows: 3).next(after: try history([20, 10, 0])[...])[0] == 0)
    }

    @Test("The backtest chooses the forecast that fits the history")
    func backtestChoosesTheFittingForecast() throws {
        #expect(Forecast.backtested(on: try history((1...20).map { 10 * Double($0) })[...]) == .trend(windows: 8))
        let jumpy = try history((1...40).map { $0 % 2 == 0 ? 10 : 30 })[...]
        #expect(Forecast.backtested(on: jumpy) != .last)
        #expect(Forecast.backtested(on: try history([1])[...]) == .last)
    }

    @Test("Caution raises loads that vary and no others")
    func cautionRaisesUncertainLoads() throws {
        let jumpy = try history((1...16).map { $0 % 2 == 0 ? 10 : 30 })[...]
        let plain = Forecast.mean(windows: 16).next(after: jumpy)
        let raised = Forecast.mean(windows: 16).cautious(after: jumpy, deviations: 1)
        #expect(raised[0] > plain[0] + 5 && raised[1] == plain[1])
    }

    @Test("A forecast is created from its name, and unknown names give nil")
    func namesAreReadBack() {
        #expect(Forecast.candidates.count == 7)
        for forecast in Forecast.candidates { #expect(Forecast(forecast.description) == forecast) }
        for name in ["", "mean", "mean-0", "trend-1", "exponential-1", "exponential-x", "last-3", "best"] {
            #expect(Forecast(name) == nil)
        }
    }

    @Test("A replay of a constant stream makes no copies")
    func replayOfAConstantStreamCopiesNothing() throws {
        var random = SeededGenerator(31)
        let loads = try random.loads(layers: 2, experts: 16)
        let stream = try LoadStream([ExpertLoads](repeating: loads, count: 6))
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4)
        let replay = try LoadReplay(stream, world: world, options: LoadReplay.Options())
        #expect(replay.windows.count == 5 && replay.copies == 0)
        #expect(abs(replay.regret) < 1e-9)
    }

    @Test("A replay follows a change of loads within its budget, and foresight moves first")
    func replayFollowsAChange() throws {
        var random = SeededGenerator(32)
        let first = try random.loads(layers: 2, experts: 16)
        let second = try random.loads(layers: 2, experts: 16)
        let stream = try LoadStream([first, first, second, second, second])
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4)
        let options = LoadReplay.Options(forecast: .last, maxCopies: 20)
        let replay = try LoadReplay(stream, world: world, options: options)
        #expect(replay.windows[0].copies == 0 && replay.windows[1].copies == 0)
        #expect(replay.windows[2].copies > 0 && replay.windows.allSatisfy { $0.copies <= 20 })
        #expect(replay.windows[2].balance > replay.windows[1].balance)
        // Foresight moves before the change, with the same budget. The oracle has no budget.
        #expect(replay.windows[1].foresight > replay.windows[1].balance + 0.01)
        #expect(replay.windows.allSatisfy { $0.foresight <= $0.oracle + 0.02 })
        #expect(replay.forecastRegret > 0 && replay.forecastRegret < replay.regret + 1e-9)
        let still = try LoadReplay(
            stream, world: world, options: LoadReplay.Options(forecast: .last, maxCopies: 0, noise: nil))
        #expect(still.forecastRegret == 0 && still.regret > replay.regret)
    }

    @Test("Backtests save copies and improve the balance on a noisy stream")
    func backtestsSaveCopiesOnNoise() throws {
        var random = SeededGenerator(34)
        let steady = try random.loads(layers: 3, experts: 16)
        let windows = try (0..<16).map { _ in
            try ExpertLoads(
                steady.values.map { $0 * Double.random(in: 0.8...1.2, using: &random) }, expertCount: 16)
        }
        let world = try DeviceWorld(slotCount: 20, deviceCount: 4)
        func replay(backtests: Int) throws -> LoadReplay {
            try LoadReplay(
                LoadStream(windows), world: world,
                options: LoadReplay.Options(
                    forecast: .last, maxCopies: 30, noise: nil, sharing: .best, backtests: backtests))
        }
        let trusting = try replay(backtests: 0)
        let testing = try replay(backtests: 6)
        #expect(testing.copies < trusting.copies)
        #expect(testing.balance > trusting.balance)
    }

    @Test("A budget for every window reaches the balance of a new plan", arguments: LoadReplay.TokenSharing.allCases)
    func repeatedBudgetReachesANewPlan(sharing: LoadReplay.TokenSharing) throws {
        var random = SeededGenerator(35)
        let first = try random.loads(layers: 6, experts: 24)
        let second = try random.loads(layers: 6, experts: 24)
        let stream = try LoadStream(
            [ExpertLoads](repeating: first, count: 2) + [ExpertLoads](repeating: second, count: 24))
        let replay = try LoadReplay(
            stream, world: DeviceWorld(slotCount: 32, deviceCount: 8),
            options: LoadReplay.Options(forecast: .last, maxCopies: 32, noise: nil, sharing: sharing))
        let last = try #require(replay.windows.last)
        #expect(last.copies == 0 && last.balance >= 0.999 * last.oracle, "\(last)")
    }

    @Test("The best split of tokens improves the balance under wrong forecasts with the same copies")
    func bestSplitCompensatesWrongForecasts() throws {
        var random = SeededGenerator(33)
        let windows = try (0..<8).map { _ in try random.loads(layers: 2, experts: 16) }
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4)
        func balance(_ sharing: LoadReplay.TokenSharing) throws -> LoadReplay {
            try LoadReplay(
                LoadStream(windows), world: world,
                options: LoadReplay.Options(forecast: .last, maxCopies: 10, noise: nil, sharing: sharing, backtests: 0))
        }
        let equal = try balance(.equal)
        let best = try balance(.best)
        #expect(best.balance > equal.balance + 0.01 && best.oracleBalance >= equal.oracleBalance)
        #expect(best.copies == equal.copies)
    }
}
