import LibTorch
import PipelineRuntime
import PipelineSchedules
import Testing

/// Whole steps of all ranks, against the same steps on one process.
@Suite("Integration runs", .serialized) struct IntegrationTests {
    private static let dualPipe = IntegrationRun(nil, .dualPipe, p: 2, e: 2, m: 8)

    @Test("A run computes the gradients of one process, or is refused", arguments: IntegrationRun.all)
    func gradients(run: IntegrationRun) throws {
        guard let refusal = run.refusal else {
            let outcome = try run.outcome()
            try run.expectReference(outcome)
            // Events order all accesses of different streams.
            #expect(outcome.traces.flatMap(StreamChecker.hazards).isEmpty)
            return
        }
        let error = try #require(throws: (any Error).self) { try run.outcome() }
        #expect("\(error)".contains(refusal), "\(error)")
    }

    /// Every schedule on one layout, and DualPipe on all layouts.
    @Test(
        "Twenty training steps have the losses of one process",
        arguments: IntegrationRun.everySchedule.filter {
            $0.schedule == .dualPipe || ($0.pipeline == 2 && $0.experts == 2)
        })
    func losses(run: IntegrationRun) throws {
        let run = run.halved
        let expected = try run.reference(steps: 20).losses
        let losses = try run.outcome(steps: 20).losses
        #expect(losses.count == 21 && expected[20] < expected[1])
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-10 * reference) }
    }

    @Test(
        "Twenty training steps with replicas and moving experts have the losses of one process",
        arguments: (IntegrationRun.replicated + IntegrationRun.fetching).filter {
            $0.type == .float64 && $0.schedule == .dualPipe
        } + IntegrationRun.migrating)
    func lossesWithReplicas(run: IntegrationRun) throws {
        let run = run.halved
        let expected = try run.reference(steps: 20).losses
        let losses = try run.outcome(steps: 20).losses
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-10 * reference) }
    }

    @Test("A repeated run with moving experts gives the same bits") func repeatedMigration() throws {
        let run = IntegrationRun.migrating[3].halved
        #expect(try run.outcome(steps: 10).losses == run.outcome(steps: 10).losses)
    }

    @Test("Replicas balance the ranks") func balance() throws {
        let balances = try [0, 1, 4].map { count in
            let run = Self.dualPipe.with("\(count) replicas") { $0.replicasPerRank = count }
            return try run.outcome().deviceBalances
        }
        #expect(balances.allSatisfy { $0.count == 7 && $0.allSatisfy { (0.25...1).contains($0) } })
        // With a replica of every expert on every rank, ranks differ by at most one row per micro-batch.
        #expect(balances[2].allSatisfy { $0 > 0.97 })
        #expect(zip(balances[0], balances[2]).contains { $0 < $1 - 0.05 })
        let fetching = try Self.dualPipe.with("4 free slots") { ($0.replicasPerRank, $0.freeSlots) = (0, 4) }.outcome()
        #expect(fetching.deviceBalances.allSatisfy { $0 > 0.97 })
    }

    @Test("A repeated run gives the same bits") func repetition() throws {
        let first = try Self.dualPipe.outcome()
        let second = try Self.dualPipe.outcome()
        #expect(!first.gradients.isEmpty)
        #expect(first.losses == second.losses && first.gradients == second.gradients)
    }

    @Test(
        "Two copies of a stage sum gradients to the same bits by messages and in shared memory",
        arguments: IntegrationRun.everySchedule.filter {
            $0.experts == 1 && ($0.schedule == .dualPipe || $0.schedule == .zeroBubbleV)
        })
    func messages(run: IntegrationRun) throws {
        let messages = run.with("no shared memory") { $0.sharesMemory = false }
        #expect(try messages.outcome().gradients == run.outcome().gradients)
    }

    @Test(
        "Exchanges that do not fit in shared memory go by messages, with the same bits",
        arguments: [64, 1000, 4000, 16000])
    func exchanges(bytes: Int) throws {
        let limited = Self.dualPipe.with("at most \(bytes) bytes") { $0.sharedExchangeBytes = bytes }
        #expect(try limited.outcome().gradients == Self.dualPipe.outcome().gradients)
    }
}
